import { language } from "../i18n/i18n.svelte";
import { catalog, type Catalog, type Storefront } from "./catalog";

const DEFAULT_TITLE = "Lookalike";
const DEMO = "demo";
const PAGE_SIZE = 24;
// What recipes give that set no number of results.
const USUAL_RESULTS = 10;
const EMPTY: Storefront = { name: "", logo: "", accent: "", currency: "", language: "", cart: "", photo_side: 0 };
// The last settings, so that the next page starts with them and does not change its looks.
const REMEMBERED = "lookalike-storefront";

/** The shop that this server serves: its catalog and the settings of its pages. */
class Shop {
  state: Catalog | null = $state.raw(null);
  storefront: Storefront = $state.raw(remembered());
  #loading: Promise<Catalog> | null = null;

  get title(): string {
    return this.storefront.name || DEFAULT_TITLE;
  }

  /** Where products go that a shopper wants: a bag in this browser, the shop's own cart, or nowhere. */
  get cart(): "demo" | "shop" | "none" {
    if (!this.storefront.cart) return "none";
    return this.storefront.cart === DEMO ? "demo" : "shop";
  }

  /** The number of results that the recipe sets, as the papers do. Null if it leaves the number to the page. */
  get topOf(): number | null {
    const k = this.state?.recipe.k ?? USUAL_RESULTS;
    return k === USUAL_RESULTS ? null : k;
  }

  /** How many results are shown at a time. */
  get pageSize(): number {
    return this.topOf ?? PAGE_SIZE;
  }

  load(): Promise<Catalog> {
    this.#loading ??= catalog().then(
      (state) => this.#take(state),
      (error: unknown) => {
        this.#loading = null;
        throw error;
      },
    );
    return this.#loading;
  }

  /** Loads again after the catalog or its settings have changed. */
  refresh(): Promise<Catalog> {
    this.#loading = null;
    return this.load();
  }

  async facets(): Promise<string[]> {
    return (await this.load()).facets;
  }

  /** Shows the page in the shop's colour and language. */
  async apply(): Promise<void> {
    const { accent, language: tag } = this.storefront;
    const style = document.documentElement.style;
    if (accent) style.setProperty("--brand", accent);
    else style.removeProperty("--brand");
    await language.use(tag ? [tag] : navigator.languages);
  }

  #take(state: Catalog): Catalog {
    this.state = state;
    this.storefront = { ...EMPTY, ...state.storefront };
    localStorage.setItem(REMEMBERED, JSON.stringify(state.storefront));
    void this.apply();
    return state;
  }
}

/** The address in the shop's own cart. {id} and {facet} stand for the product and what was chosen. */
export function cartUrl(pattern: string, product: string, options: Record<string, string>): string {
  return pattern.replace(/\{([^{}]+)\}/g, (_, name: string) =>
    encodeURIComponent(name === "id" ? product : (options[name] ?? "")),
  );
}

function remembered(): Storefront {
  try {
    return { ...EMPTY, ...(JSON.parse(localStorage.getItem(REMEMBERED) ?? "{}") as Partial<Storefront>) };
  } catch {
    return EMPTY;
  }
}

export const shop = new Shop();
