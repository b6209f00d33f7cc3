import { Problem } from "../api/http";
import type { Hit } from "../api/search";
import { forget, record, type Event } from "../api/shoppers";
import { deletePhotos } from "../search/photo/store";

const ID = "lookalike-shopper";
const BAG = "lookalike-bag";
const RATINGS = "lookalike-ratings";
const IMPRESSIONS = 12;

type EventKind = Event["kind"];
export type Rating = "like" | "dislike";

// Events add up. These ratings weigh as much as a like or a dislike, the other way.
const WITHDRAWS: Record<Rating, number> = { like: 2, dislike: 5 };

/** A product in the bag, with the size, colour and so on that the shopper chose. */
export interface BagItem {
  product: string;
  options: Record<string, string>;
}

/** The person at this browser: an id made up for it, a bag and ratings. */
class Visitor {
  id = $state(storedId());
  bag: BagItem[] = $state.raw(storedBag());
  ratings: Record<string, Rating> = $state.raw(stored(RATINGS, {}));

  constructor() {
    addEventListener("storage", (event) => {
      // Another tab changed something.
      if (event.key === BAG) this.bag = storedBag();
      else if (event.key === RATINGS) this.ratings = stored(RATINGS, {});
      else if (event.key === ID || event.key === null) this.id = storedId();
    });
  }

  /** Records an event, from which the shop learns. */
  record(kind: EventKind, product: string, more: Partial<Event> = {}): void {
    void this.#send([{ kind, product, ...more }]);
  }

  recordImpressions(query: string, hits: readonly Hit[]): void {
    const impressions = hits
      .slice(0, IMPRESSIONS)
      .map((hit, n) => ({ kind: "impression" as const, product: hit.id, position: n + 1, query }));
    void this.#send([...(query ? [{ kind: "search" as const, query }] : []), ...impressions]);
  }

  addToBag(product: string, options: Record<string, string> = {}): void {
    this.#setBag([...this.bag, { product, options }]);
    this.record("cart", product);
  }

  removeFromBag(item: BagItem): void {
    const position = this.bag.findIndex((each) => sameItem(each, item));
    if (position < 0) return;
    this.#setBag(this.bag.toSpliced(position, 1));
    this.record("remove-from-cart", item.product);
  }

  /** Likes or dislikes a product. Null withdraws the rating. */
  rate(product: string, rating: Rating | null): void {
    const { [product]: before, ...others } = this.ratings;
    this.ratings = rating ? { ...others, [product]: rating } : others;
    localStorage.setItem(RATINGS, JSON.stringify(this.ratings));
    if (rating) this.record(rating, product);
    else if (before) this.record("rating", product, { rating: WITHDRAWS[before] });
  }

  /** Deletes what the shop and this browser have stored, and takes a new id. */
  async forget(): Promise<void> {
    await forget(this.id);
    for (const key of [ID, BAG, RATINGS]) localStorage.removeItem(key);
    await deletePhotos();
    this.bag = [];
    this.ratings = {};
    this.id = storedId();
  }

  #setBag(bag: BagItem[]): void {
    this.bag = bag;
    localStorage.setItem(BAG, JSON.stringify(bag));
  }

  async #send(events: Partial<Event>[]): Promise<void> {
    if (events.length === 0) return;
    const complete = events.map((event) => ({ ...event, shopper: this.id, id: crypto.randomUUID() }) as Event);
    try {
      await record(complete);
    } catch (error) {
      // A lost event must not get in the shopper's way.
      if (!(error instanceof Problem)) throw error;
      console.warn(`Events were not recorded: ${error.message}`);
    }
  }
}

export function sameItem(a: BagItem, b: BagItem): boolean {
  return a.product === b.product && JSON.stringify(a.options) === JSON.stringify(b.options);
}

function storedId(): string {
  const known = localStorage.getItem(ID);
  if (known) return known;
  const fresh = `web-${crypto.randomUUID()}`;
  localStorage.setItem(ID, fresh);
  return fresh;
}

function storedBag(): BagItem[] {
  const bag = stored<unknown[]>(BAG, []);
  if (!Array.isArray(bag)) return [];
  // Earlier versions stored the ids alone.
  return bag.flatMap((each) => {
    if (typeof each === "string") return [{ product: each, options: {} }];
    const item = each as Partial<BagItem> | null;
    return typeof item?.product === "string" ? [{ product: item.product, options: item.options ?? {} }] : [];
  });
}

function stored<Value>(key: string, fallback: Value): Value {
  try {
    return (JSON.parse(localStorage.getItem(key) ?? "null") as Value | null) ?? fallback;
  } catch {
    return fallback;
  }
}

export const visitor = new Visitor();
