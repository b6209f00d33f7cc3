import { describe, expect, it } from "vitest";
import { inside, panned, toMap, toScreen, whole, zoomed } from "../src/map/view";

const SIZE = { width: 800, height: 600 };
const VIEW = { x: 0.4, y: 0.6, scale: 1000 };

describe("the view of the map", () => {
  it("converts between map and screen and back", () => {
    const [left, top] = toScreen(0.25, 0.75, VIEW, SIZE);
    const [x, y] = toMap(left, top, VIEW, SIZE);
    expect(x).toBeCloseTo(0.25);
    expect(y).toBeCloseTo(0.75);
  });

  it("shows the whole map in the middle at first", () => {
    const view = whole(SIZE);
    const [left, top] = toScreen(0, 0, view, SIZE);
    const [right, bottom] = toScreen(1, 1, view, SIZE);
    expect(left).toBeGreaterThanOrEqual(0);
    expect(top).toBeGreaterThanOrEqual(0);
    expect(right).toBeLessThanOrEqual(SIZE.width);
    expect(bottom).toBeLessThanOrEqual(SIZE.height);
  });

  it("moves with the pointer", () => {
    expect(toScreen(0.4, 0.6, panned(VIEW, 30, -20), SIZE)).toEqual([430, 280]);
  });

  it("keeps the place under the pointer when zooming", () => {
    const [x, y] = toMap(600, 200, VIEW, SIZE);
    const [left, top] = toScreen(x, y, zoomed(VIEW, 2, 600, 200, SIZE), SIZE);
    expect(left).toBeCloseTo(600);
    expect(top).toBeCloseTo(200);
  });

  it("stays within the zoom limits and near the map", () => {
    expect(zoomed(VIEW, 1e9, 0, 0, SIZE).scale).toBeLessThanOrEqual(400_000);
    expect(zoomed(VIEW, 1e-9, 0, 0, SIZE).scale).toBeGreaterThanOrEqual(300);
    expect(panned(VIEW, 1e9, 1e9)).toMatchObject({ x: -0.1, y: -0.1 });
  });
});

describe("a selection by hand", () => {
  const POINTS = [
    { x: 0.5, y: 0.5 },
    { x: 0.1, y: 0.1 },
    { x: 0.55, y: 0.45 },
  ];

  it("contains the points inside the line", () => {
    expect(inside(POINTS, [[0.4, 0.4], [0.6, 0.4], [0.6, 0.6], [0.4, 0.6]])).toEqual([0, 2]);
  });

  it("leaves out the hollow of a bent line", () => {
    const horseshoe: [number, number][] = [[0, 0], [1, 0], [1, 1], [0.9, 1], [0.9, 0.2], [0.05, 0.2], [0.05, 1], [0, 1]];
    expect(inside(POINTS, horseshoe)).toEqual([1]);
  });
});
