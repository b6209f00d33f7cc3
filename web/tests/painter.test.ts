import { beforeAll, describe, expect, it, vi } from "vitest";
import type { Point } from "../src/api/analysis";
import { colouring } from "../src/map/colours";
import { Painter, packed } from "../src/map/painter";

const SIZE = { width: 100, height: 100 };
const VIEW = { x: 0.5, y: 0.5, scale: 100 };
const RED = packed(255, 0, 0);

class Pixels {
  readonly data: Uint8ClampedArray;
  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.data = new Uint8ClampedArray(4 * width * height);
  }
}

class Picture {
  static made: Picture[] = [];
  naturalWidth = 30;
  naturalHeight = 60;
  decoding = "";
  src = "";
  onload: (() => void) | null = null;
  constructor() {
    Picture.made.push(this);
  }
}

beforeAll(() => {
  vi.stubGlobal("ImageData", Pixels);
  vi.stubGlobal("Image", Picture);
  vi.stubGlobal("sessionStorage", { getItem: () => null });
});

function point(id: string, x: number, y: number, photo: string | null = null): Point {
  return { id, x, y, photo, title: id, cluster: null };
}

/** A canvas that keeps what is painted. */
function canvas(): { pixels: () => Pixels; drawn: Picture[]; context: CanvasRenderingContext2D } {
  let pixels: Pixels | null = null;
  const drawn: Picture[] = [];
  const context = {
    setTransform: () => undefined,
    putImageData: (data: Pixels) => (pixels = data),
    fillRect: () => undefined,
    drawImage: (picture: Picture) => drawn.push(picture),
  };
  return { pixels: () => pixels as unknown as Pixels, drawn, context: context as unknown as CanvasRenderingContext2D };
}

function colourAt({ data, width }: Pixels, x: number, y: number): number[] {
  return [...data.slice(4 * (y * width + x), 4 * (y * width + x) + 4)];
}

describe("the painter", () => {
  it("paints a dot for each product where it lies", () => {
    const { context, pixels } = canvas();
    new Painter([point("a", 0.25, 0.75)], () => undefined).paint(context, SIZE, 1, VIEW, Uint32Array.of(RED), null);
    expect(colourAt(pixels(), 25, 75)).toEqual([255, 0, 0, 255]);
    expect(colourAt(pixels(), 75, 25)).toEqual([0, 0, 0, 0]);
  });

  it("dims what is not selected", () => {
    const { context, pixels } = canvas();
    const painter = new Painter([point("a", 0.25, 0.5), point("b", 0.75, 0.5)], () => undefined);
    painter.paint(context, SIZE, 1, VIEW, Uint32Array.of(RED, RED), new Set([1]));
    expect(colourAt(pixels(), 25, 50)[3]).toBeLessThan(100);
    expect(colourAt(pixels(), 75, 50)[3]).toBe(255);
  });

  it("leaves out products that are not in view", () => {
    const { context, pixels } = canvas();
    new Painter([point("a", 3, 3)], () => undefined).paint(context, SIZE, 1, VIEW, Uint32Array.of(RED), null);
    expect(pixels().data.every((value) => value === 0)).toBe(true);
  });

  it("loads one picture for each place and paints again when it is there", () => {
    Picture.made = [];
    const { context, drawn } = canvas();
    const repaint = vi.fn();
    const painter = new Painter([point("a", 0.5, 0.5, "p1"), point("b", 0.5001, 0.5001, "p2")], repaint);
    const paint = (): void => painter.paint(context, SIZE, 1, VIEW, Uint32Array.of(RED, RED), null);
    paint();
    expect(Picture.made.map((each) => each.src)).toEqual(["/v1/photos/p1"]);
    expect(drawn).toEqual([]);
    Picture.made[0]?.onload?.();
    expect(repaint).toHaveBeenCalledOnce();
    paint();
    expect(drawn).toHaveLength(1);
  });

  it("finds the product under the pointer", () => {
    const painter = new Painter([point("a", 0.25, 0.5), point("b", 0.75, 0.5)], () => undefined);
    expect(painter.under(70, 52, SIZE, VIEW)).toBe(1);
    expect(painter.under(25, 5, SIZE, VIEW)).toBe(-1);
  });
});

it("gives the most frequent labels a colour and the others grey", () => {
  const labels = ["a", "b", "a", "", ...Array.from({ length: 12 }, (_, n) => `rare ${n}`), "b", "a"];
  const { inks, legend } = colouring(labels);
  expect(legend.map((each) => [each.name, each.count]).slice(0, 2)).toEqual([["a", 3], ["b", 2]]);
  expect(legend).toHaveLength(12);
  expect(inks[0]).toBe(inks[2]);
  expect(inks[0]).not.toBe(inks[1]);
  expect(inks[3]).toBe(inks[15]);
});
