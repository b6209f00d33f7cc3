import { Problem } from "../api/http";
import { product, type Product } from "../api/products";

const loaded = new Map<string, Promise<Product | null>>();

/** A product to show by its picture, loaded once. Null if there is none with this id. */
export function knownProduct(id: string): Promise<Product | null> {
  let known = loaded.get(id);
  if (!known) {
    known = product(id).catch((error: unknown) => {
      if (!(error instanceof Problem)) throw error;
      loaded.delete(id);
      return null;
    });
    loaded.set(id, known);
  }
  return known;
}
