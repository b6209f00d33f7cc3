import type { SourceRun } from "../../api/sources";
import { t } from "../../i18n/i18n.svelte";

/** What a run of a source changed, in words. */
export function outcome(run: SourceRun): string {
  return [
    t("import.added", { count: run.added }),
    t("import.updated", { count: run.updated }),
    t("import.unchanged", { count: run.unchanged }),
    t("import.removed", { count: run.removed }),
    ...(run.failed ? [t("sources.rejected", { count: run.failed })] : []),
  ].join(", ");
}
