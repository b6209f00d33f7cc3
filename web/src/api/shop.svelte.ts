import { catalog, type Catalog } from "./api";

const DEFAULT_TITLE = "Lookalike";

/** The shop that this server serves: its catalogue and its settings. */
class Shop {
  state: Catalog | null = $state.raw(null);
  #loading: Promise<Catalog> | null = null;

  get title(): string {
    return DEFAULT_TITLE;
  }

  /** Where products go that a shopper wants: a bag in this browser, the shop's own cart, or nowhere. */
  get cart(): "demo" | "shop" | "none" {
    return "demo";
  }

  /** The address of the shop's own cart that puts a product into it. */
  cartUrl(product: string, options: Record<string, string>): string {
    return `?product=${product}${JSON.stringify(options)}`;
  }

  load(): Promise<Catalog> {
    this.#loading ??= catalog().then(
      (state) => (this.state = state),
      (error: unknown) => {
        this.#loading = null;
        throw error;
      },
    );
    return this.#loading;
  }

  /** Loads again after the catalogue has changed. */
  refresh(): Promise<Catalog> {
    this.#loading = null;
    return this.load();
  }

  async facets(): Promise<string[]> {
    return (await this.load()).facets;
  }
}

export const shop = new Shop();
