import { sized } from "./photo";
import { STYLE } from "./style";

// One script for any page of a shop:
//   <script src="https://search.example/widget.js" data-key="a search key"></script>
//   <lookalike-similar product="15970"></lookalike-similar>
//   <lookalike-recommendations placement="goes-with" product="15970,21379" shopper="ann"></lookalike-recommendations>
//   <lookalike-search></lookalike-search>

interface Found {
  id: string;
  title: string;
  price: number | null;
  currency: string;
  link: string;
  photo: string | null;
  why?: string[];
}

interface Answer {
  hits: Found[];
  /** Whether the shop has what was asked for; null if unknown. */
  good: boolean | null;
}

const script = document.currentScript as HTMLScriptElement | null;
const HOME = new URL(script?.src ?? location.href).origin;
const KEY = script?.dataset["key"] ?? "";
const SHOWN = 6;
const SEARCH = "/v1/search";

class Refused extends Error {}

/** A row of products. Its shadow root keeps the page's styles and its own apart. */
abstract class ProductRow extends HTMLElement {
  protected readonly shade = this.attachShadow({ mode: "open" });
  protected readonly list = document.createElement("ul");
  protected readonly note = document.createElement("p");
  protected readonly nothing: string = "Nothing similar found.";
  protected readonly reasons: boolean = false;
  #asking: AbortController | null = null;

  constructor() {
    super();
    const style = document.createElement("style");
    style.textContent = STYLE;
    this.note.setAttribute("role", "status");
    this.shade.append(style, this.note, this.list);
  }

  disconnectedCallback(): void {
    this.#asking?.abort();
  }

  protected get number(): number {
    return Math.min(48, Math.max(1, Number(this.getAttribute("count")) || SHOWN));
  }

  protected async show(path: string, body?: BodyInit): Promise<void> {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    this.note.textContent = this.getAttribute("waiting") ?? "Searching…";
    try {
      const found = await ask(path, body, asking.signal);
      this.note.textContent = this.#verdict(found);
      this.list.replaceChildren(...found.hits.map((hit) => this.#card(hit)));
    } catch (error) {
      if (asking.signal.aborted) return;
      // A page that wants to show more products still works without them.
      this.list.replaceChildren();
      this.note.textContent = error instanceof Refused ? error.message : "The search is not available. Try again later.";
      if (!(error instanceof Refused)) await explain();
    }
  }

  #verdict({ hits, good }: Answer): string {
    if (!hits.length) return this.getAttribute("nothing") ?? this.nothing;
    return good === false ? (this.getAttribute("no-good-match") ?? "No good match. These come closest:") : "";
  }

  #card(hit: Found): HTMLLIElement {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = this.#address(hit);
    const picture = document.createElement("span");
    picture.className = "picture";
    if (hit.photo) {
      const image = document.createElement("img");
      image.src = `${HOME}/v1/photos/${encodeURIComponent(hit.photo)}`;
      image.alt = "";
      image.loading = "lazy";
      picture.append(image);
    }
    const title = document.createElement("span");
    title.textContent = hit.title || hit.id;
    link.append(picture, title);
    if (hit.price !== null) {
      const price = document.createElement("strong");
      price.textContent = priced(hit.price, hit.currency);
      link.append(price);
    }
    if (this.reasons && hit.why?.[0]) {
      const reason = document.createElement("small");
      reason.textContent = hit.why[0];
      link.append(reason);
    }
    link.addEventListener("click", (event) => {
      const chosen = new CustomEvent("lookalike-choose", { detail: hit, bubbles: true, composed: true, cancelable: true });
      if (!this.dispatchEvent(chosen)) event.preventDefault();
    });
    item.append(link);
    return item;
  }

  /** The shop's own page of a product: its link in the feed, or the pattern of the page, such as /item/{id}. */
  #address(hit: Found): string {
    const pattern = this.getAttribute("href");
    if (pattern) return pattern.replace("{id}", encodeURIComponent(hit.id));
    return /^https?:\/\//i.test(hit.link) ? hit.link : `${HOME}/p/${encodeURIComponent(hit.id)}`;
  }
}

/** What looks like a product: <lookalike-similar product="ID" count="6">. */
class Similar extends ProductRow {
  static readonly observedAttributes = ["product", "count"];

  connectedCallback(): void {
    this.#ask();
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.#ask();
  }

  #ask(): void {
    const product = this.getAttribute("product");
    if (product) void this.show(SEARCH, JSON.stringify({ product, k: this.number }));
  }
}

/**
 * Recommendations with their reasons: <lookalike-recommendations placement="goes-with" product="ID,ID" shopper="ID">.
 * The placements are for-you, goes-with, similar and buy-again.
 */
class Recommended extends ProductRow {
  static readonly observedAttributes = ["placement", "product", "shopper", "count"];
  protected override readonly nothing = "";
  protected override readonly reasons = true;

  connectedCallback(): void {
    this.#ask();
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.#ask();
  }

  #ask(): void {
    const query = new URLSearchParams({ k: String(this.number) });
    const shopper = this.getAttribute("shopper");
    if (shopper) query.set("shopper", shopper);
    for (const product of (this.getAttribute("product") ?? "").split(",")) {
      if (product.trim()) query.append("product", product.trim());
    }
    void this.show(`/v1/placements/${encodeURIComponent(this.getAttribute("placement") ?? "for-you")}?${query}`);
  }
}

/** Search by a photo or words: <lookalike-search>. */
class Search extends ProductRow {
  connectedCallback(): void {
    if (this.shade.querySelector("form")) return;
    const form = document.createElement("form");
    const words = Object.assign(document.createElement("input"), { type: "search", placeholder: "Describe it" });
    words.setAttribute("aria-label", "Search for");
    const file = Object.assign(document.createElement("input"), { type: "file", accept: "image/*" });
    const label = document.createElement("label");
    label.append("Photo", file);
    const look = Object.assign(document.createElement("button"), { textContent: "Search" });
    form.append(words, label, look);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = words.value.trim();
      if (text) void this.show(SEARCH, JSON.stringify({ text, k: this.number }));
    });
    file.addEventListener("change", () => void this.#look(file));
    this.shade.insertBefore(form, this.note);
  }

  async #look(file: HTMLInputElement): Promise<void> {
    const photo = file.files?.[0];
    if (!photo) return;
    const small = await sized(photo);
    file.value = "";
    if (!small) {
      this.note.textContent = "This file cannot be read as an image. Choose a JPEG, PNG or WebP file.";
      return;
    }
    const form = new FormData();
    form.set("k", String(this.number));
    form.set("image", small, "photo.jpg");
    await this.show(SEARCH, form);
  }
}

/** Asks the server: with a body by POST, JSON where it is text, else by GET. */
async function ask(path: string, body: BodyInit | undefined, signal: AbortSignal): Promise<Answer> {
  const headers: Record<string, string> = typeof body === "string" ? { "Content-Type": "application/json" } : {};
  if (KEY) headers["Authorization"] = `Bearer ${KEY}`;
  const method = body === undefined ? "GET" : "POST";
  const response = await fetch(`${HOME}${path}`, { method, body: body ?? null, headers, signal, credentials: "omit" });
  const answer = (await response.json()) as Partial<Answer> & { detail?: string };
  if (!response.ok) throw new Refused(answer.detail ?? `The search answered with status ${response.status}.`);
  return { hits: answer.hits ?? [], good: answer.good ?? null };
}

/**
 * Tells the owner of the page, in the console, why the search cannot be reached. A request without CORS gets through to
 * a server that runs, so its success means that the server does not allow this page.
 */
async function explain(): Promise<void> {
  try {
    await fetch(`${HOME}/healthz`, { mode: "no-cors", credentials: "omit" });
  } catch {
    console.warn(`Lookalike: the server at ${HOME} is not answering. Check that it runs and can be reached from here.`);
    return;
  }
  console.warn(
    `Lookalike: the server at ${HOME} does not allow requests from ${location.origin}. ` +
      `Start it with LOOKALIKE_ORIGINS="${location.origin}" (several origins separated by spaces).`,
  );
}

function priced(value: number, currency: string): string {
  const style = /^[A-Za-z]{3}$/.test(currency) ? { style: "currency" as const, currency: currency.toUpperCase() } : {};
  return new Intl.NumberFormat(undefined, style).format(value);
}

customElements.define("lookalike-similar", Similar);
customElements.define("lookalike-recommendations", Recommended);
customElements.define("lookalike-search", Search);
