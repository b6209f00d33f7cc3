import type { Product } from "../api/products";
import type { Hit } from "../api/search";
import { isColour, isSize } from "../ui/format";

// Facet names that say what kind of thing a product is, the most specific ones first.
const KINDS = [/^(article|product)[\s_-]?type$/i, /^(type|kind|art|typ|tipo)$/i, /^sub[\s_-]?category$/i, /(category|categorie|kategorie|categoría)$/i];

type Facets = Product["facets"];

/** The facet that says what kind of thing the product is, with its value. */
export function kindFacet(facets: Facets): [string, string] | null {
  for (const pattern of KINDS) {
    const found = Object.entries(facets).find(([name, value]) => pattern.test(name) && typeof value === "string" && value);
    if (found) return [found[0], String(found[1])];
  }
  return null;
}

export function colourFacet(facets: Facets): [string, string] | null {
  const found = Object.entries(facets).find(([name, value]) => isColour(name) && typeof value === "string" && value);
  return found ? [found[0], String(found[1])] : null;
}

/** What the shopper chooses before a product goes into the bag: sizes or colours that it comes in. */
export function choices(facets: Facets): [string, string[]][] {
  return Object.entries(facets).flatMap(([name, value]) =>
    Array.isArray(value) && value.length > 1 && (isSize(name) || isColour(name)) ? [[name, value]] : [],
  );
}

/** How a variant differs from the product on the page, such as "Blue, M". */
export function variantName(product: Pick<Product, "facets">, variant: Pick<Hit, "facets" | "title">): string {
  const differing = Object.entries(variant.facets)
    .filter(([name, value]) => (isSize(name) || isColour(name)) && String(value) !== String(product.facets[name]))
    .map(([, value]) => String(value));
  return differing.join(", ") || variant.title;
}
