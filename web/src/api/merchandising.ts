import { ask, send } from "./http";
import type { Job } from "./jobs";
import type { components } from "./schema";

export type Experiment = components["schemas"]["ExperimentJson"];
export type ExperimentOffer = components["schemas"]["ExperimentOffer"];
export type ExperimentReport = components["schemas"]["ExperimentReportJson"];
export type UndoneExperiment = components["schemas"]["UndoneJson"];
export type LearnedBlend = components["schemas"]["LearnedBlendJson"];
export type Preview = components["schemas"]["PreviewJson"];
export type Rule = components["schemas"]["MerchandisingRule"];

export async function rules(): Promise<Rule[]> {
  return (await ask<{ rules: Rule[] }>("/v1/rules")).rules;
}

export async function putRules(rules: Rule[]): Promise<Rule[]> {
  return (await ask<{ rules: Rule[] }>("/v1/rules", { method: "PUT", body: JSON.stringify({ rules }) })).rules;
}

export function previewRules(rules: Rule[], queries: string[]): Promise<Preview> {
  return ask("/v1/rules:preview", { method: "POST", body: JSON.stringify({ rules, queries }) });
}

export function experiments(): Promise<Experiment[]> {
  return ask("/v1/experiments");
}

export function startExperiment(offer: ExperimentOffer): Promise<Experiment> {
  return ask("/v1/experiments", { method: "POST", body: JSON.stringify(offer) });
}

export function experimentReport(id: string): Promise<ExperimentReport> {
  return ask(`/v1/experiments/${encodeURIComponent(id)}`);
}

export function stopExperiment(id: string): Promise<ExperimentReport> {
  return ask(`/v1/experiments/${encodeURIComponent(id)}:stop`, { method: "POST" });
}

/** Makes the winner the shop's setting, for every shopper. */
export function applyWinner(id: string): Promise<ExperimentReport> {
  return ask(`/v1/experiments/${encodeURIComponent(id)}:apply`, { method: "POST" });
}

/** Puts back what applying the winner changed. */
export function undoWinner(id: string): Promise<UndoneExperiment> {
  return ask(`/v1/experiments/${encodeURIComponent(id)}:undo`, { method: "POST" });
}

export async function deleteExperiment(id: string): Promise<void> {
  await send(`/v1/experiments/${encodeURIComponent(id)}`, { method: "DELETE" });
}

/** The weights of the recommendation sources, and how they were measured. */
export function blend(): Promise<LearnedBlend> {
  return ask("/v1/blend");
}

/** Chooses the weights by replaying the shop's events. */
export function tuneBlend(): Promise<Job> {
  return ask("/v1/blend:tune", { method: "POST" });
}
