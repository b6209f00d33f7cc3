import { ask } from "./http";
import type { components } from "./schema";

export type Job = components["schemas"]["JobState"];

/** The latest job of each kind. */
export function jobs(): Promise<Job[]> {
  return ask("/v1/jobs");
}

export function job(id: string): Promise<Job> {
  return ask(`/v1/jobs/${encodeURIComponent(id)}`);
}

export function stopJob(id: string): Promise<Job> {
  return ask(`/v1/jobs/${encodeURIComponent(id)}`, { method: "DELETE" });
}
