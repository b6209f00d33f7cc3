import { ask } from "./http";
import type { components } from "./schema";

export type Catalog = components["schemas"]["CatalogState"];
export type Storefront = Required<components["schemas"]["StorefrontSettings"]>;
export type Sample = components["schemas"]["Sample"];
export type PhotoStorage = components["schemas"]["PhotoStorageState"];
export type CatalogEntry = components["schemas"]["CatalogEntry"];

export function catalog(): Promise<Catalog> {
  return ask("/v1/catalog");
}

export async function samples(): Promise<Sample[]> {
  return (await ask<{ samples: Sample[] }>("/v1/samples")).samples;
}

/** How much of the disk the photos take. */
export function photoStorage(): Promise<PhotoStorage> {
  return ask("/v1/catalog/photos");
}

export function putStorefront(settings: Storefront): Promise<Storefront> {
  return ask("/v1/storefront", { method: "PUT", body: JSON.stringify(settings) });
}

/** The catalogs of the server, the default one first. */
export function catalogs(): Promise<CatalogEntry[]> {
  return ask("/v1/catalogs");
}
