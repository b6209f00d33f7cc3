import type { components, operations } from "./schema";

// The only door to the server: every request of the application is a function here.

export type Results = components["schemas"]["ResultsJson"];
export type Hit = components["schemas"]["HitJson"];
export type Product = components["schemas"]["ProductJson"];
export type Catalog = components["schemas"]["CatalogState"];
export type Sample = components["schemas"]["Sample"];
export type Question = operations["search"]["requestBody"]["content"]["application/json"];
export type Event = components["schemas"]["EventOffer"];
export type Recommendations = components["schemas"]["RecommendationsJson"];
export type Shopper = components["schemas"]["ShopperJson"];
export type Job = components["schemas"]["JobState"];
export type RecipeFacts = components["schemas"]["RecipeFacts"];
export type Preview = components["schemas"]["PreviewJson"];
export type Gap = components["schemas"]["GapJson"];
export type Standing = components["schemas"]["StandingJson"];
export type Asked = components["schemas"]["AskedJson"];
export type Look = components["schemas"]["Look"];
export type Part = components["schemas"]["Part"];
export type FacetCount = components["schemas"]["FacetCountJson"];

const KEY = "lookalike-key";

/** What went wrong, in a sentence that says what to do next. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }

  get wantsKey(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

export const OFFLINE = 0;
const GONE = "The shop does not answer. Check that you are online, then try again.";

export function catalog(): Promise<Catalog> {
  return ask("/v1/catalog");
}

export async function samples(): Promise<Sample[]> {
  return (await ask<{ samples: Sample[] }>("/v1/samples")).samples;
}

export function product(id: string, signal?: AbortSignal): Promise<Product> {
  return ask(`/v1/products/${encodeURIComponent(id)}`, { signal });
}

export function search(question: Question, photo: Blob | null, signal?: AbortSignal): Promise<Results> {
  return ask("/v1/search", asked(question, photo, signal));
}

/** Suggested parts of a photo; a photo at an address comes back to be shown and cropped. */
export function look(photo: Blob | string, signal?: AbortSignal): Promise<Look> {
  const elsewhere = typeof photo === "string";
  return ask("/v1/look", asked(elsewhere ? { image_url: photo } : {}, elsewhere ? null : photo, signal));
}

/** Where a stored photo is like the shopper's photo, or like a product. */
export async function heat(found: string, photo: Blob | null, product: string): Promise<number[][]> {
  const path = `/v1/photos/${encodeURIComponent(found)}/heat`;
  return (await ask<{ rows: number[][] }>(path, asked(photo ? {} : { product }, photo))).rows;
}

function asked(question: Question, photo: Blob | null, signal?: AbortSignal): RequestInit {
  if (!photo) return { method: "POST", body: JSON.stringify(question), signal: signal ?? null };
  const form = new FormData();
  for (const [name, value] of fields(question)) form.set(name, value);
  form.set("image", photo, "photo.jpg");
  return { method: "POST", body: form, signal: signal ?? null };
}

function fields(question: Question): [string, string][] {
  return Object.entries(question)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => [name, typeof value === "object" ? JSON.stringify(value) : String(value)]);
}

export async function record(events: Event[]): Promise<void> {
  // The page may be left while this is on its way.
  await send("/v1/events", { method: "POST", body: JSON.stringify({ events }), keepalive: true });
}

export function recommendations(
  shopper: string,
  products: string[],
  k: number,
  signal?: AbortSignal,
): Promise<Recommendations> {
  const query = new URLSearchParams({ shopper, k: String(k) });
  for (const id of products) query.append("product", id);
  return ask(`/v1/recommendations?${query}`, { signal: signal ?? null });
}

export function shopper(id: string): Promise<Shopper> {
  return ask(`/v1/shoppers/${encodeURIComponent(id)}`);
}

export async function forget(id: string): Promise<void> {
  await send(`/v1/shoppers/${encodeURIComponent(id)}`, { method: "DELETE" });
}

/** A product on a map; x and y are from 0 to 1. */
export interface Point {
  id: string;
  x: number;
  y: number;
  photo: string | null;
  title: string;
  cluster: number | null;
  value?: string | number | boolean | string[] | null;
}

export interface ProductMap {
  method: string;
  methods: string[];
  /** How much of each product's neighbourhood the plane keeps, 0 to 1. */
  kept: number;
  explained: number | null;
  stale: boolean;
  points: Point[];
}

export interface Cluster {
  number: number;
  name: string;
  size: number;
  typical: string[];
}

export interface Distributions {
  products: number;
  facets: { facet: string; values: Record<string, number>; others: number; missing: number }[];
  prices: { edges: number[]; counts: number[]; missing: number } | null;
}

export function productMap(method: string, facet: string): Promise<ProductMap> {
  return ask(`/v1/map?${new URLSearchParams({ ...(method ? { method } : {}), ...(facet ? { facet } : {}) })}`);
}

export async function clusters(): Promise<Cluster[]> {
  return (await ask<{ clusters: Cluster[] }>("/v1/clusters")).clusters;
}

export function distributions(): Promise<Distributions> {
  return ask("/v1/distributions");
}

export interface Finding {
  kind: string;
  product: string;
  confidence: number;
  sentence: string;
  other: string;
}

export interface Measured {
  task: string;
  part: string;
  by: string;
  measure: string;
  value: number;
  low: number;
  high: number;
  queries: number;
}

export interface Benchmarks {
  benchmarks: { recipe: string; products: number; measured: Measured[]; cost: Record<string, number>; notes: string[] }[];
  /** How far off the promised chances are, 0 to 1; null where nothing could be learned. */
  calibration: { error_of_looks: number; error_of_words: number } | null;
}

/** A merchandiser's rule, by its fields; those that are as they are by themselves are left out. */
export interface Rule {
  id: string;
  action: "pin" | "boost" | "bury" | "hide" | "include" | "synonym";
  products?: string[];
  where?: Record<string, unknown>;
  words?: string[];
  amount?: number;
  position?: number;
  query?: string;
  category?: string;
  starts?: string;
  ends?: string;
}

export function doctor(): Promise<{ counts: Record<string, number>; findings: Finding[] }> {
  return ask("/v1/doctor");
}

export function benchmarks(): Promise<Benchmarks> {
  return ask("/v1/benchmarks");
}

export async function rules(): Promise<Rule[]> {
  return (await ask<{ rules: Rule[] }>("/v1/rules")).rules;
}

export async function putRules(rules: Rule[]): Promise<Rule[]> {
  return (await ask<{ rules: Rule[] }>("/v1/rules", { method: "PUT", body: JSON.stringify({ rules }) })).rules;
}

export function previewRules(rules: Rule[], queries: string[]): Promise<Preview> {
  return ask("/v1/rules:preview", { method: "POST", body: JSON.stringify({ rules, queries }) });
}

export function gaps(): Promise<Gap[]> {
  return ask("/v1/insight/gaps");
}

export function popular(): Promise<Standing[]> {
  return ask("/v1/insight/popular?limit=8");
}

export function searches(): Promise<Asked[]> {
  return ask("/v1/insight/searches?limit=8");
}

export function recipes(): Promise<RecipeFacts[]> {
  return ask("/v1/recipes");
}

/** Sends a feed, or a ZIP file of one with its photos; tells meanwhile which share of it is sent. */
export function importFeed(feed: Blob, prune: boolean, onsent: (share: number) => void): Promise<Job> {
  return new Promise((resolve, reject) => {
    // Of the two ways to ask a server, only the older one tells how far a body is.
    const request = new XMLHttpRequest();
    request.open("POST", `/v1/imports?prune=${prune}`);
    const key = sessionStorage.getItem(KEY);
    if (key) request.setRequestHeader("Authorization", `Bearer ${key}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => onsent(event.loaded / Math.max(1, event.total));
    request.onerror = () => reject(new Problem(OFFLINE, GONE));
    request.onload = () => {
      if (request.status < 300) resolve(JSON.parse(request.responseText) as Job);
      else reject(new Problem(request.status, sentence(request.responseText, request.status)));
    };
    request.send(feed);
  });
}

/** Null goes back to the recipe before. */
export function switchRecipe(recipe: string | null): Promise<Job> {
  return ask("/v1/catalog/recipe", { method: "POST", body: JSON.stringify({ recipe }) });
}

export function measure(): Promise<Job> {
  return ask("/v1/benchmarks", { method: "POST" });
}

export function drawMap(): Promise<Job> {
  return ask("/v1/map", { method: "POST" });
}

/** With `links`, every product's link is asked whether it answers. */
export function examine(links: boolean): Promise<Job> {
  return ask(`/v1/doctor?links=${links}`, { method: "POST" });
}

/** The last piece of work of each kind. */
export function jobs(): Promise<Job[]> {
  return ask("/v1/jobs");
}

export function job(id: string): Promise<Job> {
  return ask(`/v1/jobs/${encodeURIComponent(id)}`);
}

export function stopJob(id: string): Promise<Job> {
  return ask(`/v1/jobs/${encodeURIComponent(id)}`, { method: "DELETE" });
}

export async function picture(path: string, signal?: AbortSignal): Promise<Blob> {
  return (await send(path, { signal })).blob();
}

export function photoUrl(id: string | null | undefined): string {
  return id ? `/v1/photos/${encodeURIComponent(id)}` : "";
}

export function useKey(key: string): void {
  sessionStorage.setItem(KEY, key);
}

/** The same search for a terminal; the photo is a file there, or has an address. */
export function curl(question: Question, hasPhoto: boolean, link = ""): string {
  const address = `${location.origin}/v1/search`;
  if (!hasPhoto) {
    return `curl ${address} -H 'Content-Type: application/json' -d ${quoted(JSON.stringify(question))}`;
  }
  const photo = link ? quoted(`image_url=${link}`) : "image=@photo.jpg";
  return `curl ${address} -F ${photo}${fields(question)
    .map(([name, value]) => ` -F ${quoted(`${name}=${value}`)}`)
    .join("")}`;
}

function quoted(words: string): string {
  return `'${words.replaceAll("'", "'\\''")}'`;
}

async function ask<Answer>(path: string, request: RequestInit = {}): Promise<Answer> {
  return (await send(path, request)).json() as Promise<Answer>;
}

async function send(path: string, request: RequestInit): Promise<Response> {
  const headers = new Headers(request.headers);
  if (typeof request.body === "string") headers.set("Content-Type", "application/json");
  const key = sessionStorage.getItem(KEY);
  if (key) headers.set("Authorization", `Bearer ${key}`);
  let response: Response;
  try {
    response = await fetch(path, { ...request, headers });
  } catch (error) {
    if (request.signal?.aborted) throw error;
    throw new Problem(OFFLINE, GONE);
  }
  if (!response.ok) throw new Problem(response.status, sentence(await response.text(), response.status));
  return response;
}

function sentence(body: string, status: number): string {
  try {
    const problem = JSON.parse(body) as Partial<components["schemas"]["Problem"]>;
    if (problem.detail) return problem.detail;
  } catch {
    // A proxy in between answers with a page of its own; its status is all that can be told.
  }
  return `The shop answered with status ${status}. Try again in a moment.`;
}
