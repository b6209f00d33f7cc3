import { ask, at } from "./http";
import type { components, operations } from "./schema";

export type Results = components["schemas"]["ResultsJson"];
export type Hit = components["schemas"]["HitJson"];
export type SearchRequest = operations["search"]["requestBody"]["content"]["application/json"];
export type Look = components["schemas"]["Look"];
export type Part = components["schemas"]["Part"];
export type FacetCount = components["schemas"]["FacetCountJson"];

/** What the words of a query were taken to mean. */
export type Interpretation = components["schemas"]["InterpretationJson"];
export type Suggestions = components["schemas"]["SuggestionsJson"];
const SUGGESTED = 4;

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
