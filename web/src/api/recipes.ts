import { ask } from "./http";
import type { Job } from "./jobs";
import type { components } from "./schema";

export type RecipeFacts = components["schemas"]["RecipeFacts"];

export function recipes(): Promise<RecipeFacts[]> {
  return ask("/v1/recipes");
}

/** Downloads the models of a recipe to the server, as a job. */
export function downloadRecipe(recipe: string): Promise<Job> {
  return ask(`/v1/recipes/${encodeURIComponent(recipe)}:download`, { method: "POST" });
}

/** Null returns to the previous recipe. */
export function switchRecipe(recipe: string | null): Promise<Job> {
  return ask("/v1/catalog/recipe", { method: "POST", body: JSON.stringify({ recipe }) });
}
