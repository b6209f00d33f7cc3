import type { Hit } from "../api/search";
import { shop } from "../api/shop.svelte";
import { language, t } from "../i18n/i18n.svelte";

const MEGABYTE = 1e6;
const GIGABYTE = 1e9;

// Numbers, prices and matches as text, in the language of the page.

export function count(value: number): string {
  return new Intl.NumberFormat(language.locale).format(value);
}

export function price(value: number | null, currency: string): string {
  if (value === null) return "";
  const unit = currency || shop.storefront.currency;
  if (!/^[A-Za-z]{3}$/.test(unit)) return `${count(value)}${unit ? ` ${unit}` : ""}`;
  return new Intl.NumberFormat(language.locale, {
    style: "currency",
    currency: unit.toUpperCase(),
    trailingZeroDisplay: "stripIfInteger",
  } as Intl.NumberFormatOptions).format(value);
}

export function percent(share: number): string {
  const bounded = Math.max(0, Math.min(1, share));
  return new Intl.NumberFormat(language.locale, { style: "percent", maximumFractionDigits: 0 }).format(bounded);
}

/** A number of bytes, as in "12.5 MB". */
export function bytes(value: number): string {
  const [unit, size] = value >= GIGABYTE ? (["gigabyte", GIGABYTE] as const) : (["megabyte", MEGABYTE] as const);
  return new Intl.NumberFormat(language.locale, { style: "unit", unit, maximumFractionDigits: 1 }).format(value / size);
}

/** The day of an ISO time. */
export function day(time: string): string {
  return new Intl.DateTimeFormat(language.locale, { dateStyle: "medium" }).format(new Date(time));
}

/** The day and the minute of a time in seconds since 1970. */
export function moment(seconds: number): string {
  const format = new Intl.DateTimeFormat(language.locale, { dateStyle: "medium", timeStyle: "short" });
  return format.format(new Date(seconds * 1000));
}

export function duration(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (seconds < 60) return t("duration.seconds", { count: Math.max(1, Math.round(seconds)) });
  if (minutes < 60) return t("duration.minutes", { count: minutes });
  return t("duration.hours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

/** A calibrated match in words. */
export function matchName(probability: number): string {
  if (probability >= 0.95) return t("match.same");
  if (probability >= 0.8) return t("match.very_close");
  if (probability >= 0.5) return t("match.close");
  if (probability >= 0.2) return t("match.some");
  return t("match.hardly");
}

/** The line under a hit: its calibrated match, or its similarity where nothing is calibrated. */
export function similarity(hit: Hit): string {
  if (hit.match !== null) return `${matchName(hit.match)} · ${percent(hit.match)}`;
  if ((hit.parts["words"] ?? 0) >= 2) return t("match.code");
  const image = hit.parts["image"] ?? 0;
  const text = hit.parts["text"] ?? 0;
  if (image && text) return t("match.parts", { image: percent(image), text: percent(text) });
  return t("match.similar", { similarity: percent(Math.max(image, text)) });
}

/** The name of a facet as text: masterCategory becomes Master category. */
export function facetName(name: string): string {
  const words = name
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replace(/[_-]+/g, " ")
    .trim()
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function isColour(facet: string): boolean {
  return /colou?r|farbe|couleur/i.test(facet);
}

export function isSize(facet: string): boolean {
  return /(^|[^a-z])sizes?([^a-z]|$)|größe|groesse|taille|talla/i.test(facet);
}
