import type { Hit } from "../api/api";

// How numbers, prices and likeness are put into words.

const counting = new Intl.NumberFormat();

export function count(value: number): string {
  return counting.format(value);
}

export function plural(value: number, one: string, many: string): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

export function price(value: number | null, currency: string): string {
  if (value === null) return "";
  if (/^[A-Za-z]{3}$/.test(currency)) {
    return new Intl.NumberFormat(undefined, {
      style: "currency",
      currency: currency.toUpperCase(),
      trailingZeroDisplay: "stripIfInteger",
    } as Intl.NumberFormatOptions).format(value);
  }
  return `${counting.format(value)}${currency ? ` ${currency}` : ""}`;
}

export function percent(share: number): string {
  return `${Math.round(Math.max(0, Math.min(1, share)) * 100)}%`;
}

/** A calibrated match in words. */
export function match(probability: number): string {
  if (probability >= 0.95) return "Almost the same";
  if (probability >= 0.8) return "Very close";
  if (probability >= 0.5) return "Close";
  if (probability >= 0.2) return "Somewhat alike";
  return "Hardly alike";
}

/** What a hit says under its title: a calibrated match where there is one, else the bare likeness. */
export function likeness(hit: Hit): string {
  if (hit.match !== null) return `${match(hit.match)} · ${percent(hit.match)}`;
  if ((hit.parts["keyword"] ?? 0) >= 1) return "Carries this code";
  const look = hit.parts["image"] ?? 0;
  const words = hit.parts["text"] ?? 0;
  if (look && words) return `look ${percent(look)}, words ${percent(words)}`;
  return `${percent(Math.max(look, words))} alike`;
}

/** A facet's name as a person writes it: masterCategory becomes Master category. */
export function facetName(name: string): string {
  const words = name
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replace(/[_-]+/g, " ")
    .trim()
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function isColour(name: string): boolean {
  return /colou?r|farbe|couleur/i.test(name);
}
