import type { Point } from "../api/analysis";
import { packed } from "./painter";

// Told apart by people who see colours differently, on white and on black.
const PALETTE: readonly (readonly [number, number, number])[] = [
  [216, 67, 31],
  [47, 95, 208],
  [23, 134, 85],
  [196, 141, 18],
  [134, 72, 181],
  [13, 138, 156],
  [206, 76, 135],
  [120, 94, 66],
  [96, 130, 30],
  [90, 102, 120],
  [166, 54, 54],
  [58, 71, 153],
];
const GREY = [140, 143, 148] as const;

export interface Legend {
  name: string;
  colour: string;
  count: number;
}

/** The colour of each point, and what the colours mean, most first; what is rare is grey. */
export function colouring(labels: readonly string[]): { inks: Uint32Array; legend: Legend[] } {
  const counts = new Map<string, number>();
  for (const label of labels) if (label) counts.set(label, (counts.get(label) ?? 0) + 1);
  const order = [...counts].sort((a, b) => b[1] - a[1]);
  const place = new Map(order.slice(0, PALETTE.length).map(([label], n) => [label, n]));
  const inks = Uint32Array.from(labels, (label) => {
    const [red, green, blue] = PALETTE[place.get(label) ?? -1] ?? GREY;
    return packed(red, green, blue);
  });
  const legend = order
    .slice(0, PALETTE.length)
    .map(([name, count], n) => ({ name, count, colour: `rgb(${(PALETTE[n] ?? GREY).join(" ")})` }));
  return { inks, legend };
}

export function labelOf(point: Point): string {
  const value = point.value;
  if (value === null || value === undefined) return "";
  return Array.isArray(value) ? (value[0] ?? "") : String(value);
}
