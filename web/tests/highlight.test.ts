import { expect, it } from "vitest";
import { segments } from "../src/products/highlight";

it.each([
  ["Red Box", [[4, 7]], [["Red ", false], ["Box", true]]],
  ["Red Box", [[0, 3], [4, 7]], [["Red", true], [" ", false], ["Box", true]]],
  ["Red Box", [], [["Red Box", false]]],
  ["👗 Kleid rot", [[2, 7]], [["👗 ", false], ["Kleid", true], [" rot", false]]],
  ["", [], [["", false]]],
] as const)("marks the matching words of %s", (text, ranges, expected) => {
  expect(segments(text, ranges).map((each) => [each.text, each.marked])).toEqual(expected);
});

it("keeps the whole text whatever the ranges say", () => {
  const text = segments("Red Box", [[3, 2], [0, 99], [-1, 2], [2, 4], [3, 6]]).map((each) => each.text).join("");
  expect(text).toBe("Red Box");
});
