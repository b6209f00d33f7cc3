import { describe, expect, it } from "vitest";
import de from "../src/i18n/de.json";
import en from "../src/i18n/en.json";
import { translate } from "../src/i18n/i18n.svelte";

const VALUE = /\{\{\w+\}\}/g;

describe("the message files", () => {
  it("have the same keys", () => {
    expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
  });

  it.each(Object.entries(en))("have the same values in %s", (key, text) => {
    const german = (de as Record<string, string>)[key] ?? "";
    expect([...german.matchAll(VALUE)].map(String).sort()).toEqual([...text.matchAll(VALUE)].map(String).sort());
    expect(german.trim()).not.toBe("");
  });

  it("have both plural forms", () => {
    const singular = Object.keys(en).filter((key) => key.endsWith("_one"));
    for (const key of singular) expect(en).toHaveProperty([key.replace(/_one$/, "_other")]);
  });
});

describe("a message", () => {
  it("agrees with its number", () => {
    expect(translate(en, "en", "count.products", { count: 1 })).toBe("1 product");
    expect(translate(en, "en", "count.products", { count: 0 })).toBe("0 products");
    expect(translate(de, "de", "count.products", { count: 1234 })).toBe("1.234 Produkte");
  });

  it("falls back to English, then to its key", () => {
    expect(translate({}, "de", "action.undo", {})).toBe("Undo");
    expect(translate({}, "de", "no.such.key", {})).toBe("no.such.key");
  });
});
