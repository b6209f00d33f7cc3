import type { SearchRequest } from "../api/search";
import type { MessageKey } from "../i18n/i18n.svelte";

/** A part of a photo, in fractions of its sides. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export type Sort = "best" | "cheap" | "dear" | "new" | "name";

/** What the shopper searches for. The URL holds all of it except a photo of their own. */
export interface Query {
  text: string;
  /** A product to find more like. */
  product: string;
  /** The path of a photo on this server. */
  sample: string;
  /** The URL of a photo elsewhere. */
  link: string;
  /** The key of a photo stored in this browser. */
  photo: string;
  crop: Box | null;
  /** The weight of the image, 0 to 1. Null means the weight of the recipe. */
  imageWeight: number | null;
  where: Record<string, string[]>;
  minPrice: number | null;
  maxPrice: number | null;
  inStock: boolean;
  /** Search only the cluster of products nearest to the query. */
  nearestCluster: boolean;
  /** Misspelt words are corrected. */
  correct: boolean;
  sort: Sort;
}

export const EMPTY_QUERY: Query = {
  text: "",
  product: "",
  sample: "",
  link: "",
  photo: "",
  crop: null,
  imageWeight: null,
  where: {},
  minPrice: null,
  maxPrice: null,
  inStock: false,
  nearestCluster: false,
  correct: true,
  sort: "best",
};

export const NO_FILTERS = { where: {}, minPrice: null, maxPrice: null, inStock: false } satisfies Partial<Query>;

const FACET = "f.";

interface SortOrder {
  value: Sort;
  name: MessageKey;
  /** The `sort` parameter of the API. */
  parameter: string;
  /** Follows the number of results, as in "48 products, cheapest first". */
  summary: MessageKey;
}

export const SORT_ORDERS: readonly SortOrder[] = [
  { value: "best", name: "sort.best", parameter: "", summary: "sort.best_summary" },
  { value: "cheap", name: "sort.cheap", parameter: "price", summary: "sort.cheap_summary" },
  { value: "dear", name: "sort.dear", parameter: "-price", summary: "sort.dear_summary" },
  { value: "new", name: "sort.new", parameter: "newest", summary: "sort.new_summary" },
  { value: "name", name: "sort.name", parameter: "title", summary: "sort.name_summary" },
];

/** The sort order with this name. Best match if there is none. */
export function sortOrder(name: string | null): SortOrder {
  return SORT_ORDERS.find((each) => each.value === name) ?? (SORT_ORDERS[0] as SortOrder);
}

export function hasPhoto(query: Query): boolean {
  return Boolean(query.photo || query.sample || query.link);
}

export function isEmpty(query: Query): boolean {
  return !query.text.trim() && !query.product && !hasPhoto(query);
}

export function filterCount(query: Query): number {
  const values = Object.values(query.where).reduce((sum, chosen) => sum + chosen.length, 0);
  return values + (query.minPrice !== null || query.maxPrice !== null ? 1 : 0) + (query.inStock ? 1 : 0);
}

export function toBox({ left, top, width, height }: Box): Box {
  return { left, top, width, height };
}

export function toUrl(query: Query): string {
  const url = new URLSearchParams();
  if (query.text.trim()) url.set("q", query.text.trim());
  if (query.product) url.set("like", query.product);
  if (query.sample) url.set("photo", query.sample);
  if (query.link) url.set("url", query.link);
  if (query.crop) {
    const { left, top, width, height } = query.crop;
    url.set("crop", [left, top, width, height].map((side) => side.toFixed(3)).join(","));
  }
  if (query.imageWeight !== null) url.set("look", String(Math.round(query.imageWeight * 100)));
  for (const name of Object.keys(query.where).sort()) {
    for (const value of query.where[name] ?? []) url.append(FACET + name, value);
  }
  if (query.minPrice !== null) url.set("from", String(query.minPrice));
  if (query.maxPrice !== null) url.set("to", String(query.maxPrice));
  if (query.inStock) url.set("stock", "1");
  if (query.nearestCluster) url.set("cluster", "1");
  if (!query.correct) url.set("exact", "1");
  if (query.sort !== "best") url.set("sort", query.sort);
  const parameters = url.toString();
  return parameters ? `/?${parameters}` : "/";
}

export function fromUrl(search: string, photo = ""): Query {
  const url = new URLSearchParams(search);
  const where: Record<string, string[]> = {};
  for (const [name, value] of url) {
    if (name.startsWith(FACET) && value) (where[name.slice(FACET.length)] ??= []).push(value);
  }
  const weight = parseNumber(url.get("look"));
  const sample = url.get("photo") ?? "";
  return {
    text: url.get("q") ?? "",
    product: url.get("like") ?? "",
    // Only a path on this server: a shared link must not make the page load a picture from elsewhere.
    sample: /^\/v1\/[^\\]*$/.test(sample) ? sample : "",
    link: url.get("url") ?? "",
    photo,
    crop: parseBox(url.get("crop")),
    imageWeight: weight === null ? null : Math.min(100, Math.max(0, weight)) / 100,
    where,
    minPrice: parseNumber(url.get("from")),
    maxPrice: parseNumber(url.get("to")),
    inStock: url.get("stock") === "1",
    nearestCluster: url.get("cluster") === "1",
    correct: url.get("exact") !== "1",
    sort: sortOrder(url.get("sort")).value,
  };
}

/** The body of the search request. A photo travels beside it. */
export function toRequest(query: Query, k: number, offset: number, count: string[]): SearchRequest {
  const where: Record<string, unknown> = {};
  for (const [name, values] of Object.entries(query.where)) if (values.length) where[name] = values;
  if (query.minPrice !== null || query.maxPrice !== null) {
    where["price"] = {
      ...(query.minPrice === null ? {} : { gte: query.minPrice }),
      ...(query.maxPrice === null ? {} : { lte: query.maxPrice }),
    };
  }
  if (query.inStock) where["stock"] = { nin: [0] };
  return {
    ...(query.text.trim() ? { text: query.text.trim() } : {}),
    ...(query.product ? { product: query.product } : {}),
    ...(query.imageWeight === null ? {} : { image_weight: query.imageWeight }),
    ...(Object.keys(where).length ? { where } : {}),
    ...(query.nearestCluster ? { clusters: 1 } : {}),
    ...(query.correct ? {} : { correct: false }),
    ...(query.sort === "best" ? {} : { sort: sortOrder(query.sort).parameter }),
    k,
    ...(offset ? { offset } : {}),
    ...(count.length ? { count } : {}),
  } as SearchRequest;
}

function parseNumber(text: string | null): number | null {
  if (text === null || text.trim() === "") return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

function parseBox(text: string | null): Box | null {
  const [left, top, width, height] = (text ?? "").split(",").map(Number);
  if (left === undefined || top === undefined || width === undefined || height === undefined) return null;
  const inside = left >= 0 && top >= 0 && width > 0 && height > 0 && left + width <= 1.001 && top + height <= 1.001;
  return inside ? { left, top, width, height } : null;
}
