import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const SOURCES = join(import.meta.dirname, "../src");
const COMPONENTS = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".svelte"));
const RAW = /#[0-9a-f]{3,8}\b|\b(rgb|hsl|oklch)\(|(?<![\w-])-?[\d.]+(px|rem|em|ch|pt)\b/i;

it.each(COMPONENTS)("%s names colours and sizes by their tokens", (file) => {
  const style = readFileSync(join(SOURCES, file), "utf8").split("<style>")[1] ?? "";
  const raw = style.split("\n").filter((line) => RAW.test(line) && !line.includes("@media"));
  expect(raw).toEqual([]);
});
