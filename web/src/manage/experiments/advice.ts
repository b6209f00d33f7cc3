import type { ExperimentReport } from "../../api/merchandising";
import { language, t, type MessageKey } from "../../i18n/i18n.svelte";

const VERDICTS: Record<ExperimentReport["verdict"], MessageKey> = {
  undecided: "experiments.undecided",
  "a-better": "experiments.a_better",
  "b-better": "experiments.b_better",
  "no-difference": "experiments.no_difference",
};

type Change = NonNullable<ExperimentReport["experiment"]["applied"]>["changed"][number];

const CHANGES: Record<Change, MessageKey> = {
  rules: "experiments.changed_rules",
  blend: "experiments.changed_blend",
  weights: "experiments.changed_weights",
  image_weight: "experiments.changed_image_weight",
  word_weight: "experiments.changed_word_weight",
  placements: "experiments.changed_placements",
};

/** The settings of the shop that a winner changed, or that were changed since. */
export function listed(changes: Change[]): string {
  return new Intl.ListFormat(language.locale).format(changes.map((each) => t(CHANGES[each])));
}

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
