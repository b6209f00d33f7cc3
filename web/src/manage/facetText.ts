import type { Product } from "../api/products";

type Facets = Product["facets"];

/** A facet's value as text to edit: several values are separated by commas. */
export function facetText(value: Facets[string]): string {
  return Array.isArray(value) ? value.join(", ") : String(value);
}

/** The value that the text stands for. It keeps the type it had before. */
export function facetValue(text: string, before: Facets[string] | undefined): Facets[string] {
  const plain = text.trim();
  if (Array.isArray(before)) {
    return plain
      .split(",")
      .map((each) => each.trim())
      .filter(Boolean);
  }
  if (typeof before === "number" && plain !== "" && Number.isFinite(Number(plain))) return Number(plain);
  if (typeof before === "boolean" && /^(true|false)$/i.test(plain)) return plain.toLowerCase() === "true";
  return plain;
}
