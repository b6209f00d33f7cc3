import { forget, Problem, record, type Event, type Hit } from "../api/api";

const NAME = "lookalike-shopper";
const BAG = "lookalike-bag";
const SEEN = 12;

type Deed = Event["kind"];

/** Somebody who looks around: a name made up for this browser, and a bag. */
class Visitor {
  id = $state(name());
  bag: string[] = $state(kept());
  liked: Record<string, "like" | "dislike"> = $state({});

  /** Tell the shop what was done; it learns from it. */
  tell(kind: Deed, product: string, more: Partial<Event> = {}): void {
    void this.#send([{ kind, product, ...more }]);
  }

  /** Tell which products were shown, and for which words. */
  saw(query: string, hits: readonly Hit[]): void {
    const shown = hits.slice(0, SEEN);
    const seen = shown.map((hit, n) => ({ kind: "impression" as const, product: hit.id, position: n + 1, query }));
    void this.#send([...(query ? [{ kind: "search" as const, query }] : []), ...seen]);
  }

  put(product: string): void {
    this.bag = [...this.bag, product];
    localStorage.setItem(BAG, JSON.stringify(this.bag));
    this.tell("cart", product);
  }

  takeOut(product: string): void {
    const place = this.bag.indexOf(product);
    if (place < 0) return;
    this.bag = this.bag.toSpliced(place, 1);
    localStorage.setItem(BAG, JSON.stringify(this.bag));
    this.tell("remove-from-cart", product);
  }

  /** Like or dislike; the shop keeps the last word. */
  judge(product: string, verdict: "like" | "dislike"): void {
    this.liked[product] = verdict;
    this.tell(verdict, product);
  }

  /** Everything the shop stored goes, and this browser gets a new name. */
  async forget(): Promise<void> {
    await forget(this.id);
    localStorage.removeItem(NAME);
    localStorage.removeItem(BAG);
    this.bag = [];
    this.liked = {};
    this.id = name();
  }

  async #send(events: Partial<Event>[]): Promise<void> {
    if (events.length === 0) return;
    const whole = events.map((event) => ({ ...event, shopper: this.id, id: crypto.randomUUID() }) as Event);
    try {
      await record(whole);
    } catch (error) {
      // What the shop does not learn must not get into the way of somebody who looks around.
      if (!(error instanceof Problem)) throw error;
      console.warn(`The shop did not take what was done: ${error.message}`);
    }
  }
}

function name(): string {
  const known = localStorage.getItem(NAME);
  if (known) return known;
  const fresh = `web-${crypto.randomUUID()}`;
  localStorage.setItem(NAME, fresh);
  return fresh;
}

function kept(): string[] {
  try {
    const bag: unknown = JSON.parse(localStorage.getItem(BAG) ?? "[]");
    return Array.isArray(bag) ? bag.filter((each) => typeof each === "string") : [];
  } catch {
    return [];
  }
}

export const visitor = new Visitor();
