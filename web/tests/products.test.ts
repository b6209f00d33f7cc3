import { describe, expect, it } from "vitest";
import type { Rule } from "../src/api/merchandising";
import type { Product } from "../src/api/products";
import { cartUrl } from "../src/api/shop.svelte";
import { facetText, facetValue } from "../src/manage/facetText";
import { hiddenIds, withHidden } from "../src/manage/hiding";
import { passes } from "../src/manage/productList.svelte";

const BOOST: Rule = { id: "sale", action: "boost", products: ["a"] };

describe("hiding products", () => {
  it("keeps one rule and leaves the others", () => {
    const hidden = withHidden([BOOST], new Set(["a", "b"]), true);
    expect(hiddenIds(hidden)).toEqual(new Set(["a", "b"]));
    const fewer = withHidden(hidden, new Set(["a"]), false);
    expect(fewer).toContain(BOOST);
    expect(hiddenIds(fewer)).toEqual(new Set(["b"]));
    expect(withHidden(fewer, new Set(["b"]), false)).toEqual([BOOST]);
  });
});

describe("the filters of the product list", () => {
  const product = { id: "a", stock: 0, price: null, photos: [] } as unknown as Product;

  it.each(["no_photo", "sold_out", "no_price", "hidden", "all"] as const)("%s", (filter) => {
    expect(passes(product, filter, new Set(["a"]))).toBe(true);
    const other = { id: "b", stock: 3, price: 1, photos: [{ id: "p" }] } as unknown as Product;
    expect(passes(other, filter, new Set(["a"]))).toBe(filter === "all");
  });
});

describe("editing a facet", () => {
  it.each([
    ["S, M ,L", ["XS"], ["S", "M", "L"]],
    ["12.5", 3, 12.5],
    ["many", 3, "many"],
    ["FALSE", true, false],
    [" Red ", "Blue", "Red"],
    ["40", undefined, "40"],
  ] as const)("%s instead of %s", (text, before, expected) => {
    expect(facetValue(text, before as Parameters<typeof facetValue>[1])).toEqual(expected);
  });

  it("shows several values with commas", () => {
    expect(facetText(["S", "M"])).toBe("S, M");
    expect(facetText(4)).toBe("4");
  });
});

it("fills the product and the choices into the address of the cart", () => {
  const pattern = "https://shop.example/cart?add={id}&size={size}&x={colour}";
  expect(cartUrl(pattern, "a/1 b", { size: "M&L" })).toBe("https://shop.example/cart?add=a%2F1%20b&size=M%26L&x=");
});
