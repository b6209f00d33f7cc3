import { describe, expect, it } from "vitest";
import { EMPTY_QUERY, filterCount, fromUrl, isEmpty, sortOrder, toRequest, toUrl, type Query } from "../src/search/query";

const FULL: Query = {
  text: "red & blue dress",
  product: "15970",
  sample: "/v1/samples/shirt",
  link: "https://example.com/a.jpg?x=1&y=2",
  photo: "",
  crop: { left: 0.1, top: 0.2, width: 0.5, height: 0.25 },
  imageWeight: 0.35,
  where: { colour: ["Red", "Navy Blue"], "f.odd name": ["a&b"] },
  minPrice: 0,
  maxPrice: 49.5,
  inStock: true,
  nearestCluster: true,
  correct: false,
  sort: "cheap",
};

describe("the URL of a search", () => {
  it("holds everything but the shopper's own photo", () => {
    expect(fromUrl(toUrl({ ...FULL, photo: "key" }).slice(1), "key")).toEqual({ ...FULL, photo: "key" });
    expect(toUrl({ ...FULL, photo: "key" })).not.toContain("key");
  });

  it("is / for an empty query, whatever the words' spaces", () => {
    expect(toUrl({ ...EMPTY_QUERY, text: "  " })).toBe("/");
    expect(fromUrl("")).toEqual(EMPTY_QUERY);
  });

  it.each(["https://elsewhere.example/a.jpg", "//elsewhere.example/a.jpg", "/v1/..\\a", "javascript:alert(1)"])(
    "does not load a photo from elsewhere: %s",
    (photo) => {
      expect(fromUrl(`?photo=${encodeURIComponent(photo)}`).sample).toBe("");
    },
  );

  it.each([
    ["crop=9,9,9,9", "crop", null],
    ["crop=0,0,1", "crop", null],
    ["crop=a,b,c,d", "crop", null],
    ["look=abc", "imageWeight", null],
    ["look=170", "imageWeight", 1],
    ["look=-3", "imageWeight", 0],
    ["from=x", "minPrice", null],
    ["to=", "maxPrice", null],
    ["to=Infinity", "maxPrice", null],
    ["sort=sideways", "sort", "best"],
    ["stock=yes", "inStock", false],
    ["f.colour=", "where", {}],
  ] as const)("ignores what makes no sense: %s", (search, field, expected) => {
    expect(fromUrl(`?q=dress&${search}`)).toEqual({ ...EMPTY_QUERY, text: "dress", [field]: expected });
  });
});

describe("the search request", () => {
  it("leaves out everything that is not asked for", () => {
    expect(toRequest({ ...EMPTY_QUERY, text: " dress " }, 24, 0, [])).toEqual({ text: "dress", k: 24 });
  });

  it("has filters, weight, sorting and the page", () => {
    expect(toRequest(FULL, 24, 48, ["colour"])).toEqual({
      text: "red & blue dress",
      product: "15970",
      image_weight: 0.35,
      clusters: 1,
      where: {
        colour: ["Red", "Navy Blue"],
        "f.odd name": ["a&b"],
        price: { gte: 0, lte: 49.5 },
        stock: { nin: [0] },
      },
      correct: false,
      sort: "price",
      k: 24,
      offset: 48,
      count: ["colour"],
    });
  });

  it("omits a facet without values", () => {
    expect(toRequest({ ...EMPTY_QUERY, where: { colour: [] } }, 1, 0, [])).toEqual({ k: 1 });
  });
});

it("counts each value, a price range and the stock filter as filters", () => {
  expect(filterCount(EMPTY_QUERY)).toBe(0);
  expect(filterCount(FULL)).toBe(5);
});

it("is empty without words, product and photo, whatever its filters", () => {
  expect(isEmpty({ ...FULL, text: "", product: "", sample: "", link: "" })).toBe(true);
  expect(isEmpty({ ...EMPTY_QUERY, photo: "key" })).toBe(false);
});

it("sorts by best match unless a known order is asked for", () => {
  expect(sortOrder(null).value).toBe("best");
  expect(sortOrder("new").parameter).toBe("newest");
});
