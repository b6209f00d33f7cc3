import { ask, send } from "./http";
import type { components, operations } from "./schema";

export type Event = components["schemas"]["EventOffer"];
export type Recommendations = components["schemas"]["RecommendationsJson"];
export type PlacementName = operations["place"]["parameters"]["path"]["placement"];
export type Shopper = components["schemas"]["ShopperJson"];

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
