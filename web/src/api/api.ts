import { t } from "../i18n/i18n.svelte";
import { connection } from "./connection.svelte";
import type { components, operations } from "./schema";

// Every request of the application is a function in this file.

export type Results = components["schemas"]["ResultsJson"];
export type Hit = components["schemas"]["HitJson"];
export type Product = components["schemas"]["ProductJson"];
export type ProductPage = components["schemas"]["ProductPage"];
export type ProductChange = Partial<Omit<components["schemas"]["ProductChange"], "photos">>;
export type Catalog = components["schemas"]["CatalogState"];
export type Storefront = Required<components["schemas"]["StorefrontSettings"]>;
export type Sample = components["schemas"]["Sample"];
export type SearchRequest = operations["search"]["requestBody"]["content"]["application/json"];
export type Event = components["schemas"]["EventOffer"];
export type Recommendations = components["schemas"]["RecommendationsJson"];
export type PlacementName = operations["place"]["parameters"]["path"]["placement"];
export type Experiment = components["schemas"]["ExperimentJson"];
export type ExperimentOffer = components["schemas"]["ExperimentOffer"];
export type ExperimentReport = components["schemas"]["ExperimentReportJson"];
export type LearnedBlend = components["schemas"]["LearnedBlendJson"];
export type Shopper = components["schemas"]["ShopperJson"];
export type Job = components["schemas"]["JobState"];
export type RecipeFacts = components["schemas"]["RecipeFacts"];
export type Preview = components["schemas"]["PreviewJson"];
export type Gap = components["schemas"]["GapJson"];
export type Standing = components["schemas"]["StandingJson"];
export type PositionStatistics = components["schemas"]["PlaceJson"];
export type Asked = components["schemas"]["AskedJson"];
export type Look = components["schemas"]["Look"];
export type AccessKey = components["schemas"]["KeyJson"];
export type Scope = AccessKey["scopes"][number];
export type KeyRequest = components["schemas"]["KeyRequest"];
export type Source = components["schemas"]["SourceState"];
export type SourceRun = components["schemas"]["RunState"];
export type SourceRequest = components["schemas"]["ScheduleRequest"];
export type CatalogEntry = components["schemas"]["CatalogEntry"];
export type Part = components["schemas"]["Part"];
export type FacetCount = components["schemas"]["FacetCountJson"];

export type ProductMap = components["schemas"]["ProductMap"];
export type Point = components["schemas"]["MapPoint"];
export type Cluster = components["schemas"]["Cluster"];
export type Distributions = components["schemas"]["Distributions"];
export type Metric = components["schemas"]["Metric"];
export type Reliability = components["schemas"]["Reliability"];
export type Finding = components["schemas"]["Finding"];
export type Rule = components["schemas"]["MerchandisingRule"];
export type ImportPreview = components["schemas"]["PreviewState"];
export type FeedColumn = components["schemas"]["ColumnState"];

/** What the words of a query were taken to mean. */
export type Interpretation = components["schemas"]["InterpretationJson"];
export type Suggestions = components["schemas"]["SuggestionsJson"];

/** Columns of a feed and the fields they are mapped to. */
export type Mapping = Record<string, string>;

export type LatestImport = components["schemas"]["LastImportState"];

const SUGGESTED = 4;
const NOT_FOUND = 404;
const KEY = "lookalike-key";
const CATALOG = "lookalike-catalog";
const DEFAULT_CATALOG = "default";

/** A failed request. The message says what to do next. */
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

/** The status of a request that got no answer. */
export const OFFLINE = 0;
const GATEWAY_ERRORS = [502, 503, 504];

export function catalog(): Promise<Catalog> {
  return ask("/v1/catalog");
}

export async function samples(): Promise<Sample[]> {
  return (await ask<{ samples: Sample[] }>("/v1/samples")).samples;
}

export function product(id: string, signal?: AbortSignal): Promise<Product> {
  return ask(`/v1/products/${encodeURIComponent(id)}`, { signal });
}

/** A page of products in the order of their ids. */
export function products(after: string, limit: number): Promise<ProductPage> {
  return ask(`/v1/products?${new URLSearchParams({ after, limit: String(limit) })}`);
}

/** Changes these fields. The others stay as they are. */
export function changeProduct(id: string, change: ProductChange): Promise<Product> {
  return ask(`/v1/products/${encodeURIComponent(id)}`, { method: "PATCH", body: JSON.stringify(change) });
}

export async function deleteProduct(id: string): Promise<void> {
  await send(`/v1/products/${encodeURIComponent(id)}`, { method: "DELETE" });
}

export function search(request: SearchRequest, photo: Blob | null, signal?: AbortSignal): Promise<Results> {
  return ask("/v1/search", searchBody(request, photo, signal));
}

export function suggest(text: string, signal: AbortSignal): Promise<Suggestions> {
  return ask(`/v1/suggest?${new URLSearchParams({ q: text, k: String(SUGGESTED) })}`, { signal });
}

/** Suggests parts of a photo. A photo given by URL comes back in the answer, to be shown and cropped. */
export function look(photo: Blob | string, signal?: AbortSignal): Promise<Look> {
  const elsewhere = typeof photo === "string";
  return ask("/v1/look", searchBody(elsewhere ? { image_url: photo } : {}, elsewhere ? null : photo, signal));
}

/** Where a stored photo resembles the shopper's photo, or a product. */
export async function heat(found: string, photo: Blob | null, product: string): Promise<number[][]> {
  const path = `/v1/photos/${encodeURIComponent(found)}/heat`;
  return (await ask<{ rows: number[][] }>(path, searchBody(photo ? {} : { product }, photo))).rows;
}

function searchBody(request: SearchRequest, photo: Blob | null, signal?: AbortSignal): RequestInit {
  if (!photo) return { method: "POST", body: JSON.stringify(request), signal: signal ?? null };
  const form = new FormData();
  for (const [name, value] of fields(request)) form.set(name, value);
  form.set("image", photo, "photo.jpg");
  return { method: "POST", body: form, signal: signal ?? null };
}

function fields(request: SearchRequest): [string, string][] {
  return Object.entries(request)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => [name, typeof value === "object" ? JSON.stringify(value) : String(value)]);
}

export async function record(events: Event[]): Promise<void> {
  // The request outlives the page.
  await send("/v1/events", { method: "POST", body: JSON.stringify({ events }), keepalive: true });
}

/** The products of a placement, which starts from a shopper, products or both. */
export function placement(
  name: PlacementName,
  shopper: string,
  products: string[],
  k: number,
  signal?: AbortSignal,
): Promise<Recommendations> {
  const query = new URLSearchParams({ shopper, k: String(k) });
  for (const id of products) query.append("product", id);
  return ask(`/v1/placements/${name}?${query}`, { signal: signal ?? null });
}

export function shopper(id: string): Promise<Shopper> {
  return ask(`/v1/shoppers/${encodeURIComponent(id)}`);
}

export async function forget(id: string): Promise<void> {
  await send(`/v1/shoppers/${encodeURIComponent(id)}`, { method: "DELETE" });
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

export function doctor(): Promise<components["schemas"]["Findings"]> {
  return ask("/v1/doctor");
}

export function benchmarks(): Promise<components["schemas"]["Evaluation"]> {
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

export function experiments(): Promise<Experiment[]> {
  return ask("/v1/experiments");
}

export function startExperiment(offer: ExperimentOffer): Promise<Experiment> {
  return ask("/v1/experiments", { method: "POST", body: JSON.stringify(offer) });
}

export function experimentReport(id: string): Promise<ExperimentReport> {
  return ask(`/v1/experiments/${encodeURIComponent(id)}`);
}

export function stopExperiment(id: string): Promise<ExperimentReport> {
  return ask(`/v1/experiments/${encodeURIComponent(id)}:stop`, { method: "POST" });
}

export async function deleteExperiment(id: string): Promise<void> {
  await send(`/v1/experiments/${encodeURIComponent(id)}`, { method: "DELETE" });
}

/** The weights of the recommendation sources, and how they were measured. */
export function blend(): Promise<LearnedBlend> {
  return ask("/v1/blend");
}

/** Chooses the weights by replaying the shop's events. */
export function tuneBlend(): Promise<Job> {
  return ask("/v1/blend:tune", { method: "POST" });
}

export function gaps(days: number): Promise<Gap[]> {
  return ask(`/v1/insight/gaps?days=${days}`);
}

export function popular(): Promise<Standing[]> {
  return ask("/v1/insight/popular?limit=8");
}

export function searches(days: number, limit: number): Promise<Asked[]> {
  return ask(`/v1/insight/searches?days=${days}&limit=${limit}`);
}

export function positions(days: number): Promise<PositionStatistics[]> {
  return ask(`/v1/insight/positions?days=${days}`);
}

export function recipes(): Promise<RecipeFacts[]> {
  return ask("/v1/recipes");
}

/** Reads a feed without writing anything: how its columns are understood, and the first products. */
export function previewImport(feed: Blob, mapping: Mapping, onsent: (share: number) => void): Promise<ImportPreview> {
  return upload("/v1/imports/preview", feed, mapParameters(mapping), onsent);
}

/** Imports a feed, or a ZIP file of a feed and its photos, as a job. */
export function importFeed(
  feed: Blob,
  mapping: Mapping,
  prune: boolean,
  name: string,
  onsent: (share: number) => void,
): Promise<Job> {
  const parameters = mapParameters(mapping);
  parameters.set("prune", String(prune));
  if (name) parameters.set("name", name);
  return upload("/v1/imports", feed, parameters, onsent);
}

/** The last import, which can be undone. Null if there is none. */
export async function latestImport(): Promise<LatestImport | null> {
  try {
    return await ask("/v1/imports/latest");
  } catch (error) {
    if (error instanceof Problem && error.status === NOT_FOUND) return null;
    throw error;
  }
}

export function undoImport(): Promise<Job> {
  return ask("/v1/imports/latest/undo", { method: "POST" });
}

function mapParameters(mapping: Mapping): URLSearchParams {
  return new URLSearchParams(Object.entries(mapping).map(([column, field]) => ["map", `${column}=${field}`]));
}

/** Sends a file and reports the share that is sent, which fetch() does not. */
function upload<Answer>(
  path: string,
  body: Blob,
  parameters: URLSearchParams,
  onsent: (share: number) => void,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${at(path)}?${parameters}`);
    const key = sessionStorage.getItem(KEY);
    if (key) request.setRequestHeader("Authorization", `Bearer ${key}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => onsent(event.loaded / Math.max(1, event.total));
    request.onerror = () => reject(offline());
    request.onload = () => {
      if (request.status < 300) resolve(JSON.parse(request.responseText) as Answer);
      else reject(new Problem(request.status, problemText(request.responseText, request.status)));
    };
    request.send(body);
  });
}

export function putStorefront(settings: Storefront): Promise<Storefront> {
  return ask("/v1/storefront", { method: "PUT", body: JSON.stringify(settings) });
}

/** Null returns to the previous recipe. */
export function switchRecipe(recipe: string | null): Promise<Job> {
  return ask("/v1/catalog/recipe", { method: "POST", body: JSON.stringify({ recipe }) });
}

export function measure(): Promise<Job> {
  return ask("/v1/benchmarks", { method: "POST" });
}

export function drawMap(): Promise<Job> {
  return ask("/v1/map", { method: "POST" });
}

/** With `links`, every product's link is requested, too. */
export function examine(links: boolean): Promise<Job> {
  return ask(`/v1/doctor?links=${links}`, { method: "POST" });
}

/** The latest job of each kind. */
export function jobs(): Promise<Job[]> {
  return ask("/v1/jobs");
}

export function job(id: string): Promise<Job> {
  return ask(`/v1/jobs/${encodeURIComponent(id)}`);
}

export function stopJob(id: string): Promise<Job> {
  return ask(`/v1/jobs/${encodeURIComponent(id)}`, { method: "DELETE" });
}

export function keys(): Promise<AccessKey[]> {
  return ask("/v1/keys");
}

/** The secret is in this answer only. */
export function createKey(request: KeyRequest): Promise<{ key: AccessKey; secret: string }> {
  return ask("/v1/keys", { method: "POST", body: JSON.stringify(request) });
}

export function revokeKey(id: string): Promise<AccessKey> {
  return ask(`/v1/keys/${encodeURIComponent(id)}`, { method: "DELETE" });
}

/** The feeds and shop systems that the catalog follows, each with its latest run. */
export function sources(): Promise<Source[]> {
  return ask("/v1/sources");
}

export function followSource(request: SourceRequest): Promise<Source> {
  return ask("/v1/sources", { method: "POST", body: JSON.stringify(request) });
}

export async function unfollowSource(name: string): Promise<void> {
  await send(`/v1/sources/${encodeURIComponent(name)}`, { method: "DELETE" });
}

/** The runs of a source, the latest first, with their rejected rows. */
export function sourceRuns(name: string): Promise<SourceRun[]> {
  return ask(`/v1/sources/${encodeURIComponent(name)}/runs`);
}

export function runSource(name: string): Promise<Job> {
  return ask(`/v1/sources/${encodeURIComponent(name)}/runs`, { method: "POST" });
}

/** The catalogs of the server, the default one first. */
export function catalogs(): Promise<CatalogEntry[]> {
  return ask("/v1/catalogs");
}

/** The catalog that this tab shows. */
export function chosenCatalog(): string {
  return sessionStorage.getItem(CATALOG) ?? DEFAULT_CATALOG;
}

export function chooseCatalog(name: string): void {
  sessionStorage.setItem(CATALOG, name);
}

/** The path of a route in the catalog that this tab shows. */
function at(path: string): string {
  const name = chosenCatalog();
  if (name === DEFAULT_CATALOG || /^\/v1\/catalogs(\/|$)/.test(path)) return path;
  return path.replace(/^\/v1\//, `/v1/catalogs/${encodeURIComponent(name)}/`);
}

export async function picture(path: string, signal?: AbortSignal): Promise<Blob> {
  return (await send(path, { signal })).blob();
}

export function photoUrl(id: string | null | undefined): string {
  return id ? at(`/v1/photos/${encodeURIComponent(id)}`) : "";
}

export function useKey(key: string): void {
  sessionStorage.setItem(KEY, key);
}

/** The same search as a command for a terminal. */
export function curl(request: SearchRequest, hasPhoto: boolean, link = ""): string {
  const address = `${location.origin}${at("/v1/search")}`;
  if (!hasPhoto) {
    return `curl ${address} -H 'Content-Type: application/json' -d ${quoted(JSON.stringify(request))}`;
  }
  const photo = link ? quoted(`image_url=${link}`) : "image=@photo.jpg";
  return `curl ${address} -F ${photo}${fields(request)
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
    response = await fetch(at(path), { ...request, headers });
  } catch (error) {
    if (request.signal?.aborted) throw error;
    throw offline();
  }
  // The server's own 503 is a problem with a reason. A proxy's means that there is no server.
  const ours = response.headers.get("Content-Type")?.includes("json") ?? false;
  if (GATEWAY_ERRORS.includes(response.status) && !ours) throw offline();
  connection.succeed();
  if (!response.ok) throw new Problem(response.status, problemText(await response.text(), response.status));
  return response;
}

function offline(): Problem {
  connection.fail();
  return new Problem(OFFLINE, t("error.offline"));
}

function problemText(body: string, status: number): string {
  try {
    const problem = JSON.parse(body) as Partial<components["schemas"]["Problem"]>;
    if (problem.detail) return problem.detail;
  } catch {
    // A proxy in between answers with a page of its own. Only its status is known.
  }
  return t("error.status", { status: String(status) });
}
