import type { Rule } from "../api/merchandising";
import type { MessageKey } from "../i18n/i18n.svelte";

export const RULE_ACTIONS: { value: Rule["action"]; name: MessageKey }[] = [
  { value: "pin", name: "rules.pin" },
  { value: "boost", name: "rules.boost" },
  { value: "bury", name: "rules.bury" },
  { value: "hide", name: "rules.hide" },
  { value: "include", name: "rules.include" },
  { value: "synonym", name: "rules.synonym" },
];
