import { jsonObject } from "../../fields/rules/json.ts";
import type { Reason } from "../../fields/rules/rule.ts";
import type { Config } from "./views.ts";

const faultOfObject = jsonObject();

/** A selection from its JSON text, or why it is none. */
export function parseConfig(text: string): { readonly config: Config } | { readonly fault: Reason } {
  const fault = faultOfObject(text);
  return fault === undefined ? { config: JSON.parse(text) } : { fault };
}
