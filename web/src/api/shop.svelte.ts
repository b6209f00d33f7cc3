import { catalog, type Catalog } from "./api";

/** What is known about the catalogue that this server serves. */
class Shop {
  state: Catalog | null = $state.raw(null);
  #asked: Promise<Catalog> | null = null;

  load(): Promise<Catalog> {
    this.#asked ??= catalog().then(
      (state) => (this.state = state),
      (error: unknown) => {
        this.#asked = null;
        throw error;
      },
    );
    return this.#asked;
  }

  /** Ask again: the catalogue has changed. */
  refresh(): Promise<Catalog> {
    this.#asked = null;
    return this.load();
  }

  async facets(): Promise<string[]> {
    return (await this.load()).facets;
  }
}

export const shop = new Shop();
