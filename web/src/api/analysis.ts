import { ask } from "./http";
import type { Job } from "./jobs";
import type { components } from "./schema";

export type ProductMap = components["schemas"]["ProductMap"];
export type Point = components["schemas"]["MapPoint"];
export type Cluster = components["schemas"]["Cluster"];
export type Distributions = components["schemas"]["Distributions"];
export type Metric = components["schemas"]["Metric"];
export type Reliability = components["schemas"]["Reliability"];
export type Finding = components["schemas"]["Finding"];
export type Findings = components["schemas"]["Findings"];

export function productMap(method: string, facet: string): Promise<ProductMap> {
  return ask(`/v1/map?${new URLSearchParams({ ...(method ? { method } : {}), ...(facet ? { facet } : {}) })}`);
}

export async function clusters(): Promise<Cluster[]> {
  return (await ask<{ clusters: Cluster[] }>("/v1/clusters")).clusters;
}

export function distributions(): Promise<Distributions> {
  return ask("/v1/distributions");
}

export function doctor(): Promise<Findings> {
  return ask("/v1/doctor");
}

/** Says that a finding is no problem, shows it again, or does what its `fix` says. */
export function decide(finding: string, decision: "dismiss" | "restore" | "fix"): Promise<Finding> {
  return ask(`/v1/doctor/findings/${finding}:${decision}`, { method: "POST" });
}

export function benchmarks(): Promise<components["schemas"]["Evaluation"]> {
  return ask("/v1/benchmarks");
}

export function measure(): Promise<Job> {
  return ask("/v1/benchmarks", { method: "POST" });
}

export function drawMap(): Promise<Job> {
  return ask("/v1/map", { method: "POST" });
}

/** With `links`, every product's link is requested, too. */
export function examine(links: boolean): Promise<Job> {
  return ask(`/v1/doctor?links=${links}`, { method: "POST" });
}
