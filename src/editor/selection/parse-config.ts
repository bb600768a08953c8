import { jsonObject } from "../../fields/rules/json.ts";
import type { Reason } from "../../fields/rules/rule.ts";
import type { Config } from "./views.ts";

const faultOfObject = jsonObject();

/** Parses a selection from JSON text, or returns the reason why it is not valid. */
export function parseConfig(text: string): { readonly config: Config } | { readonly fault: Reason } {
  const fault = faultOfObject(text);
  return fault === undefined ? { config: JSON.parse(text) } : { fault };
}
