import { decide, type Finding } from "../../api/analysis";
import { putRules, rules } from "../../api/merchandising";
import { changeProduct, product } from "../../api/products";

/** Fixes a finding. The answer takes the fix back, or is null where it cannot be taken back. */
export async function applyFix(finding: Finding, settled: readonly Finding[]): Promise<(() => Promise<void>) | null> {
  const takeBack = await undoOf(finding, settled);
  await decide(finding.id, "fix");
  if (!takeBack) return null;
  return async () => {
    await takeBack();
    for (const each of settled) await decide(each.id, "restore");
  };
}

async function undoOf(finding: Finding, settled: readonly Finding[]): Promise<(() => Promise<unknown>) | null> {
  switch (finding.fix) {
    case "hide": {
      const before = await rules();
      return () => putRules(before);
    }
    case "group":
      // Only products without a group are reported.
      return () => Promise.all(settled.map((each) => changeProduct(each.product, { group: "" })));
    case "set": {
      const { facets } = await product(finding.product);
      return () => changeProduct(finding.product, { facets });
    }
    case "clear":
      return () => changeProduct(finding.product, { link: finding.now });
    default:
      return null;
  }
}
