import type { ExperimentReport } from "../../api/merchandising";
import { language, type MessageKey } from "../../i18n/i18n.svelte";

const VERDICTS: Record<ExperimentReport["verdict"], MessageKey> = {
  undecided: "experiments.undecided",
  "a-better": "experiments.a_better",
  "b-better": "experiments.b_better",
  "no-difference": "experiments.no_difference",
};

/** What to do about an experiment. */
export function advice(report: Pick<ExperimentReport, "experiment" | "verdict" | "mismatch">): MessageKey {
  if (report.mismatch) return "experiments.mismatch";
  if (report.verdict !== "undecided") return VERDICTS[report.verdict];
  if (report.experiment.identical) return "experiments.identical";
  return report.experiment.stopped ? "experiments.stopped_early" : "experiments.undecided";
}

export function signedPercent(value: number): string {
  return new Intl.NumberFormat(language.locale, {
    style: "percent",
    signDisplay: "exceptZero",
    maximumFractionDigits: 1,
  }).format(value);
}
