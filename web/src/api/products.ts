import { ask, at, send } from "./http";
import type { components } from "./schema";

export type Product = components["schemas"]["ProductJson"];
export type ProductPage = components["schemas"]["ProductPage"];
export type ProductChange = Partial<Omit<components["schemas"]["ProductChange"], "photos">>;

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

export async function picture(path: string, signal?: AbortSignal): Promise<Blob> {
  return (await send(path, { signal })).blob();
}

export function photoUrl(id: string | null | undefined): string {
  return id ? at(`/v1/photos/${encodeURIComponent(id)}`) : "";
}

/** The photo in a size to zoom where the shop keeps one, and as it is listed elsewhere. */
export function largePhotoUrl(id: string): string {
  return `${photoUrl(id)}?size=large`;
}
