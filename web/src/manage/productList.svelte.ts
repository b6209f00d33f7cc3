import { Problem } from "../api/http";
import { product, products, type Product } from "../api/products";
import { search, type SearchRequest } from "../api/search";

export type ProductFilter = "all" | "no_photo" | "sold_out" | "no_price" | "hidden";

const PAGE = 200;
const FOUND = 100;
// A list that is filtered reads on until it has so many to show.
const ENOUGH = 40;

/** Whether a product passes a filter of the product list. */
export function passes(each: Product, filter: ProductFilter, hidden: ReadonlySet<string>): boolean {
  switch (filter) {
    case "all":
      return true;
    case "no_photo":
      return each.photos.length === 0;
    case "sold_out":
      return each.stock === 0;
    case "no_price":
      return each.price === null;
    case "hidden":
      return hidden.has(each.id);
  }
}

/** The products of the catalog, searched and filtered, more of them on request. */
export class ProductList {
  items = $state.raw<Product[]>([]);
  loading = $state(false);
  complete = $state(false);
  problem = $state("");
  #after = "";
  #turn = 0;
  #text = "";
  #filter: ProductFilter = "all";
  #hidden: ReadonlySet<string> = new Set();

  async show(text: string, filter: ProductFilter, hidden: ReadonlySet<string>): Promise<void> {
    this.#text = text.trim();
    this.#filter = filter;
    this.#hidden = hidden;
    this.items = [];
    this.#after = "";
    this.complete = false;
    await this.more();
  }

  async more(): Promise<void> {
    const turn = ++this.#turn;
    this.loading = true;
    this.problem = "";
    try {
      let found: Product[] = [];
      do {
        const page = await this.#page();
        if (turn !== this.#turn) return;
        found = [...found, ...page.filter((each) => passes(each, this.#filter, this.#hidden))];
      } while (!this.complete && found.length < ENOUGH);
      this.items = [...this.items, ...found];
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (turn === this.#turn) this.problem = error.message;
    } finally {
      if (turn === this.#turn) this.loading = false;
    }
  }

  /** Shows these products instead of the ones with their ids. Null takes a product off the list. */
  replace(id: string, changed: Product | null): void {
    this.items = this.items.flatMap((each) => (each.id !== id ? [each] : changed ? [changed] : []));
  }

  async #page(): Promise<Product[]> {
    if (!this.#text) {
      const page = await products(this.#after, PAGE);
      this.#after = page.next ?? "";
      this.complete = page.next === null;
      return page.products;
    }
    this.complete = true;
    const request = { text: this.#text, k: FOUND, grouped: false };
    const [exact, results] = await Promise.all([byId(this.#text), search(request as SearchRequest, null)]);
    const ids = results.hits.map((hit) => hit.id).filter((id) => id !== exact?.id);
    const found = await Promise.all(ids.map(byId));
    return [exact, ...found].filter((each) => each !== null);
  }
}

async function byId(id: string): Promise<Product | null> {
  try {
    return await product(id);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return null;
  }
}
