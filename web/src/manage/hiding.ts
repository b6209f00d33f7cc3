import type { Rule } from "../api/merchandising";

// Products are hidden by one rule, which the product list keeps.
const ID = "hidden-products";

/** The products that the product list hides. */
export function hiddenIds(rules: readonly Rule[]): ReadonlySet<string> {
  return new Set(rules.find((rule) => rule.id === ID)?.products ?? []);
}

/** The rules after these products are hidden, or shown again. */
export function withHidden(rules: readonly Rule[], ids: ReadonlySet<string>, hide: boolean): Rule[] {
  const others = rules.filter((rule) => rule.id !== ID);
  const before = hiddenIds(rules);
  const products = hide ? [...new Set([...before, ...ids])] : [...before].filter((id) => !ids.has(id));
  return products.length ? [...others, { id: ID, action: "hide", products }] : others;
}
