import { ask, send } from "./http";
import type { Job } from "./jobs";
import type { components } from "./schema";

export type Source = components["schemas"]["SourceState"];
export type SourceRun = components["schemas"]["RunState"];
export type SourceRequest = components["schemas"]["ScheduleRequest"];

/** The feeds and shop systems that the catalog follows, each with its latest run. */
export function sources(): Promise<Source[]> {
  return ask("/v1/sources");
}

export function followSource(request: SourceRequest): Promise<Source> {
  return ask("/v1/sources", { method: "POST", body: JSON.stringify(request) });
}

export async function unfollowSource(name: string): Promise<void> {
  await send(`/v1/sources/${encodeURIComponent(name)}`, { method: "DELETE" });
}

/** The runs of a source, the latest first, with their rejected rows. */
export function sourceRuns(name: string): Promise<SourceRun[]> {
  return ask(`/v1/sources/${encodeURIComponent(name)}/runs`);
}

export function runSource(name: string): Promise<Job> {
  return ask(`/v1/sources/${encodeURIComponent(name)}/runs`, { method: "POST" });
}
