import type { PlacementName } from "../../api/shoppers";
import type { MessageKey } from "../../i18n/i18n.svelte";

interface Placement {
  name: PlacementName;
  title: MessageKey;
}

/** What a placement shows that a variant leaves empty. */
export const OFF = "off";
export const PLACEMENTS: Placement[] = [
  { name: "for-you", title: "placement.for_you" },
  { name: "goes-with", title: "placement.goes_with" },
  { name: "similar", title: "placement.similar" },
  { name: "buy-again", title: "placement.buy_again" },
];
const FROM_PRODUCTS: PlacementName[] = ["goes-with", "similar"];
const MOST_LETTERS = 60;

/** The placements that can be shown in place of one: a request for it must hold what they start from. */
export function replacements(asked: PlacementName): Placement[] {
  const hasProducts = FROM_PRODUCTS.includes(asked);
  return PLACEMENTS.filter(({ name }) => name !== asked && (hasProducts || !FROM_PRODUCTS.includes(name)));
}

/** An id made of the name, and of the time so that a name can be used again. */
export function experimentId(name: string, now: number): string {
  const words = name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, MOST_LETTERS);
  return `${words || "experiment"}-${now.toString(36)}`;
}
