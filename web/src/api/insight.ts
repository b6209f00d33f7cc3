import { ask } from "./http";
import type { components } from "./schema";

export type Overview = components["schemas"]["OverviewJson"];
export type Gap = components["schemas"]["GapJson"];
export type Standing = components["schemas"]["StandingJson"];
export type PositionStatistics = components["schemas"]["PlaceJson"];
export type Asked = components["schemas"]["AskedJson"];

const MOST_GAPS = 200;

export function overview(days: number): Promise<Overview> {
  return ask(`/v1/insight/overview?days=${days}`);
}

export function gaps(days: number): Promise<Gap[]> {
  return ask(`/v1/insight/gaps?days=${days}&limit=${MOST_GAPS}`);
}

export function popular(): Promise<Standing[]> {
  return ask("/v1/insight/popular?limit=8");
}

export function searches(days: number, limit: number): Promise<Asked[]> {
  return ask(`/v1/insight/searches?days=${days}&limit=${limit}`);
}

export function positions(days: number): Promise<PositionStatistics[]> {
  return ask(`/v1/insight/positions?days=${days}`);
}
