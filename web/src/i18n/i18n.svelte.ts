import en from "./en.json";

// Messages in the JSON format of i18next (version 4), which translation tools read: {{name}} is a value, and keys that
// end in _one and _other are the plural forms of `count`.

type Messages = Record<string, string>;
type Entry = keyof typeof en;
type WithoutPlural<E> = E extends `${infer Key}_one` | `${infer Key}_other` ? Key : E;
export type MessageKey = WithoutPlural<Entry> & string;
type Values = Record<string, string | number>;

export const LOCALES: Record<string, () => Promise<{ default: Messages }>> = {
  en: () => Promise.resolve({ default: en }),
  de: () => import("./de.json"),
};
const FALLBACK = "en";

class Language {
  locale = $state(FALLBACK);
  messages: Messages = $state.raw(en);

  /** Uses the first of these languages that has messages, English otherwise. */
  async use(wanted: readonly string[]): Promise<void> {
    const known = wanted.map((tag) => tag.toLowerCase().split("-")[0] ?? "").find((tag) => tag in LOCALES) ?? FALLBACK;
    const loaded = await LOCALES[known]?.();
    this.messages = loaded?.default ?? en;
    this.locale = known;
    document.documentElement.lang = known;
  }
}

export const language = new Language();

export function t(key: MessageKey, values: Values = {}): string {
  return translate(language.messages, language.locale, key, values);
}

export function translate(messages: Messages, locale: string, key: string, values: Values): string {
  const count = values["count"];
  const plural = typeof count === "number" ? `${key}_${new Intl.PluralRules(locale).select(count)}` : key;
  const text = messages[plural] ?? messages[`${key}_other`] ?? messages[key] ?? (en as Messages)[key] ?? key;
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    return typeof value === "number" ? new Intl.NumberFormat(locale).format(value) : (value ?? "");
  });
}
