import { expect, it } from "vitest";
import { remainingSeconds } from "../src/manage/jobWatch.svelte";

it("tells the time left from the progress so far", () => {
  expect(remainingSeconds({ done: 0, at: 0 }, 250, 1000, 10_000)).toBe(30);
  expect(remainingSeconds({ done: 500, at: 0 }, 750, 1000, 10_000)).toBe(10);
});

it("tells nothing before there is progress, or without a total", () => {
  expect(remainingSeconds({ done: 0, at: 0 }, 1, 1000, 10_000)).toBeNull();
  expect(remainingSeconds({ done: 0, at: 0 }, 500, null, 10_000)).toBeNull();
});
