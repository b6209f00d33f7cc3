import type { Finding } from "../../api/analysis";

/** What became of findings since the report was loaded, by their ids. */
export type Decisions = ReadonlyMap<string, "open" | "dismissed" | "fixed">;

export const NO_DECISIONS: Decisions = new Map();

export function isDismissed(finding: Finding, decisions: Decisions): boolean {
  return (decisions.get(finding.id) ?? (finding.dismissed ? "dismissed" : "open")) === "dismissed";
}

export function isOpen(finding: Finding, decisions: Decisions): boolean {
  return (decisions.get(finding.id) ?? (finding.dismissed ? "dismissed" : "open")) === "open";
}

/** How many open findings there are of each kind, in the order of the report. */
export function openCounts(findings: readonly Finding[], decisions: Decisions): Map<Finding["kind"], number> {
  const counts = new Map<Finding["kind"], number>();
  for (const finding of findings) {
    if (isOpen(finding, decisions)) counts.set(finding.kind, (counts.get(finding.kind) ?? 0) + 1);
  }
  return counts;
}

/** The findings that one fix settles: all about a removed product, and all products of a group. */
export function settledBy(finding: Finding, findings: readonly Finding[]): Finding[] {
  switch (finding.fix) {
    case "remove":
      return findings.filter((each) => each.product === finding.product);
    case "group":
      return findings.filter((each) => each.kind === finding.kind && each.likely === finding.likely);
    default:
      return [finding];
  }
}
