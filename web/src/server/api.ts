import type { components, operations } from "./schema";

// The only door to the server: every request of the application is a function here.

export type Results = components["schemas"]["ResultsJson"];
export type Hit = components["schemas"]["HitJson"];
export type Product = components["schemas"]["ProductJson"];
export type ProductPage = components["schemas"]["ProductPage"];
export type Catalog = components["schemas"]["CatalogState"];
export type Sample = components["schemas"]["Sample"];
export type Question = operations["search"]["requestBody"]["content"]["application/json"];
export type Look = components["schemas"]["Look"];
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

export function catalog(): Promise<Catalog> {
  return ask("/v1/catalog");
}

export async function samples(): Promise<Sample[]> {
  return (await ask<{ samples: Sample[] }>("/v1/samples")).samples;
}

export function products(after: string, limit: number, signal?: AbortSignal): Promise<ProductPage> {
  return ask(`/v1/products?${new URLSearchParams({ after, limit: String(limit) })}`, { signal });
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
    throw new Problem(OFFLINE, "The shop does not answer. Check that you are online, then try again.");
  }
  if (!response.ok) throw new Problem(response.status, await sentence(response));
  return response;
}

async function sentence(response: Response): Promise<string> {
  try {
    const problem = (await response.json()) as Partial<components["schemas"]["Problem"]>;
    if (problem.detail) return problem.detail;
  } catch {
    // A proxy in between answers with a page of its own; its status is all that can be told.
  }
  return `The shop answered with status ${response.status}. Try again in a moment.`;
}
