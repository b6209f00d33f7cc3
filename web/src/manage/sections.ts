import type { Component } from "svelte";
import type { MessageKey } from "../i18n/i18n.svelte";
import Benchmarks from "./Benchmarks.svelte";
import Blend from "./Blend.svelte";
import Experiments from "./experiments/Experiments.svelte";
import Findings from "./findings/Findings.svelte";
import Import from "./import/Import.svelte";
import Insight from "./insight/Insight.svelte";
import Keys from "./keys/Keys.svelte";
import MapJob from "./MapJob.svelte";
import Products from "./Products.svelte";
import Recipes from "./Recipes.svelte";
import Rules from "./Rules.svelte";
import Sources from "./sources/Sources.svelte";
import Storefront from "./Storefront.svelte";

interface Section {
  /** The last part of the URL. */
  id: string;
  name: MessageKey;
  component: Component;
}

/** The sections of /manage. The first one opens at /manage itself. */
export const SECTIONS: readonly Section[] = [
  { id: "import", name: "manage.import", component: Import },
  { id: "sources", name: "manage.sources", component: Sources },
  { id: "products", name: "manage.products", component: Products },
  { id: "findings", name: "manage.findings", component: Findings },
  { id: "rules", name: "manage.rules", component: Rules },
  { id: "experiments", name: "manage.experiments", component: Experiments },
  { id: "blend", name: "manage.blend", component: Blend },
  { id: "insight", name: "manage.insight", component: Insight },
  { id: "map", name: "manage.map", component: MapJob },
  { id: "benchmarks", name: "manage.benchmarks", component: Benchmarks },
  { id: "recipes", name: "manage.recipes", component: Recipes },
  { id: "storefront", name: "manage.storefront", component: Storefront },
  { id: "keys", name: "manage.keys", component: Keys },
];
