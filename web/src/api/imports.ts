import { ask, NOT_FOUND, Problem, upload } from "./http";
import type { Job } from "./jobs";
import type { components } from "./schema";

export type ImportPreview = components["schemas"]["PreviewState"];
export type FeedColumn = components["schemas"]["ColumnState"];

/** Columns of a feed and the fields they are mapped to. */
export type Mapping = Record<string, string>;
export type LatestImport = components["schemas"]["LastImportState"];

/** Reads a feed without writing anything: how its columns are understood, and the first products. */
export function previewImport(feed: Blob, mapping: Mapping, onsent: (share: number) => void): Promise<ImportPreview> {
  return upload("/v1/imports/preview", feed, mapParameters(mapping), onsent);
}

/** Imports a feed, or a ZIP file of a feed and its photos, as a job. */
export function importFeed(
  feed: Blob,
  mapping: Mapping,
  prune: boolean,
  name: string,
  onsent: (share: number) => void,
): Promise<Job> {
  const parameters = mapParameters(mapping);
  parameters.set("prune", String(prune));
  if (name) parameters.set("name", name);
  return upload("/v1/imports", feed, parameters, onsent);
}

/** The last import, which can be undone. Null if there is none. */
export async function latestImport(): Promise<LatestImport | null> {
  try {
    return await ask("/v1/imports/latest");
  } catch (error) {
    if (error instanceof Problem && error.status === NOT_FOUND) return null;
    throw error;
  }
}

export function undoImport(): Promise<Job> {
  return ask("/v1/imports/latest/undo", { method: "POST" });
}

function mapParameters(mapping: Mapping): URLSearchParams {
  return new URLSearchParams(Object.entries(mapping).map(([column, field]) => ["map", `${column}=${field}`]));
}
