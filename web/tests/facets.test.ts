import { describe, expect, it } from "vitest";
import { choices, colourFacet, kindFacet, variantName } from "../src/products/facets";

describe("the kind of a product", () => {
  it.each([
    [{ masterCategory: "Apparel", subCategory: "Topwear", articleType: "Shirts" }, ["articleType", "Shirts"]],
    [{ category: "Chairs", colour: "Red" }, ["category", "Chairs"]],
    [{ Kategorie: "Stühle" }, ["Kategorie", "Stühle"]],
    [{ type: "Dress", category: "Women" }, ["type", "Dress"]],
  ])("is its most specific category: %j", (facets, expected) => {
    expect(kindFacet(facets)).toEqual(expected);
  });

  it("is unknown without one", () => {
    expect(kindFacet({ colour: "Red", type: "" })).toBeNull();
  });
});

it("knows colours in three languages", () => {
  expect(colourFacet({ baseColour: "Red" })).toEqual(["baseColour", "Red"]);
  expect(colourFacet({ Farbe: "rot" })).toEqual(["Farbe", "rot"]);
  expect(colourFacet({ couleur: ["a", "b"] })).toBeNull();
});

it("offers a choice where a product comes in several sizes or colours", () => {
  const facets = { size: ["S", "M"], colour: ["Red"], tags: ["a", "b"], shoe_size: ["40", "41"] };
  expect(choices(facets)).toEqual([["size", ["S", "M"]], ["shoe_size", ["40", "41"]]]);
});

it("names a variant by what differs", () => {
  const facets = { colour: "Red", size: "M", brand: "Acme" };
  expect(variantName({ facets }, { facets: { ...facets, colour: "Blue" }, title: "Shirt" })).toBe("Blue");
  expect(variantName({ facets }, { facets, title: "Shirt" })).toBe("Shirt");
});
