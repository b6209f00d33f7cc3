import type { Question } from "../api/api";

/** A part of a photo, in fractions of its sides. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export type Sort = "best" | "cheap" | "dear" | "new" | "name";

/** What the shopper asks for; the address of the page says all of it but a photo of their own. */
export interface Asking {
  text: string;
  product: string;
  /** A photo that this server has. */
  sample: string;
  /** A photo elsewhere. */
  link: string;
  /** A photo of this tab. */
  photo: string;
  crop: Box | null;
  /** How much the look counts, 0 to 1; null is what the catalogue's recipe says. */
  look: number | null;
  where: Record<string, string[]>;
  low: number | null;
  high: number | null;
  sort: Sort;
}

export const NOTHING: Asking = {
  text: "",
  product: "",
  sample: "",
  link: "",
  photo: "",
  crop: null,
  look: null,
  where: {},
  low: null,
  high: null,
  sort: "best",
};

const FACET = "f.";

interface Order {
  value: Sort;
  name: string;
  /** How the server is asked for it. */
  sort: string;
  /** What the page says it did. */
  done: string;
}

export const ORDERS: readonly Order[] = [
  { value: "best", name: "Best match", sort: "", done: "best first" },
  { value: "cheap", name: "Price, low to high", sort: "price", done: "cheapest first" },
  { value: "dear", name: "Price, high to low", sort: "-price", done: "dearest first" },
  { value: "new", name: "Newest", sort: "newest", done: "newest first" },
  { value: "name", name: "Name", sort: "title", done: "by name" },
];

/** The order that is asked for, best first where the address says none that there is. */
export function order(sort: string | null): Order {
  return ORDERS.find((each) => each.value === sort) ?? (ORDERS[0] as Order);
}

export function hasPhoto(asking: Asking): boolean {
  return Boolean(asking.photo || asking.sample || asking.link);
}

export function isEmpty(asking: Asking): boolean {
  return !asking.text.trim() && !asking.product && !hasPhoto(asking);
}

export function filters(asking: Asking): number {
  const chosen = Object.values(asking.where).reduce((sum, values) => sum + values.length, 0);
  return chosen + (asking.low !== null || asking.high !== null ? 1 : 0);
}

/** A box without what else is known of it. */
export function plain({ left, top, width, height }: Box): Box {
  return { left, top, width, height };
}

export function toAddress(asking: Asking): string {
  const query = new URLSearchParams();
  if (asking.text.trim()) query.set("q", asking.text.trim());
  if (asking.product) query.set("like", asking.product);
  if (asking.sample) query.set("photo", asking.sample);
  if (asking.link) query.set("url", asking.link);
  if (asking.crop) {
    const { left, top, width, height } = asking.crop;
    query.set("crop", [left, top, width, height].map((side) => side.toFixed(3)).join(","));
  }
  if (asking.look !== null) query.set("look", String(Math.round(asking.look * 100)));
  for (const name of Object.keys(asking.where).sort()) {
    for (const value of asking.where[name] ?? []) query.append(FACET + name, value);
  }
  if (asking.low !== null) query.set("from", String(asking.low));
  if (asking.high !== null) query.set("to", String(asking.high));
  if (asking.sort !== "best") query.set("sort", asking.sort);
  const words = query.toString();
  return words ? `/?${words}` : "/";
}

export function fromAddress(search: string, photo = ""): Asking {
  const query = new URLSearchParams(search);
  const where: Record<string, string[]> = {};
  for (const [name, value] of query) {
    if (name.startsWith(FACET) && value) (where[name.slice(FACET.length)] ??= []).push(value);
  }
  const sample = query.get("photo") ?? "";
  const look = number(query.get("look"));
  return {
    text: query.get("q") ?? "",
    product: query.get("like") ?? "",
    // Only a path of this very server: a link must not make the page load a picture from elsewhere.
    sample: /^\/v1\/[^\\]*$/.test(sample) ? sample : "",
    link: query.get("url") ?? "",
    photo,
    crop: box(query.get("crop")),
    look: look === null ? null : Math.min(100, Math.max(0, look)) / 100,
    where,
    low: number(query.get("from")),
    high: number(query.get("to")),
    sort: order(query.get("sort")).value,
  };
}

/** The question that the server is asked; a photo travels beside it. */
export function toQuestion(asking: Asking, k: number, offset: number, count: string[]): Question {
  const where: Record<string, unknown> = {};
  for (const [name, values] of Object.entries(asking.where)) if (values.length) where[name] = values;
  if (asking.low !== null || asking.high !== null) {
    where["price"] = {
      ...(asking.low === null ? {} : { gte: asking.low }),
      ...(asking.high === null ? {} : { lte: asking.high }),
    };
  }
  return {
    ...(asking.text.trim() ? { text: asking.text.trim() } : {}),
    ...(asking.product ? { product: asking.product } : {}),
    ...(asking.look === null ? {} : { image_weight: asking.look }),
    ...(Object.keys(where).length ? { where } : {}),
    ...(asking.sort === "best" ? {} : { sort: order(asking.sort).sort }),
    k,
    ...(offset ? { offset } : {}),
    ...(count.length ? { count } : {}),
  } as Question;
}

function number(words: string | null): number | null {
  if (words === null || words.trim() === "") return null;
  const value = Number(words);
  return Number.isFinite(value) ? value : null;
}

function box(words: string | null): Box | null {
  const [left, top, width, height] = (words ?? "").split(",").map(Number);
  if (left === undefined || top === undefined || width === undefined || height === undefined) return null;
  const inside = left >= 0 && top >= 0 && width > 0 && height > 0 && left + width <= 1.001 && top + height <= 1.001;
  return inside ? { left, top, width, height } : null;
}
