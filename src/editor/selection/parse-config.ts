import { jsonObject, type Reason } from "../rules.ts";
import type { Config } from "./views.ts";

/** A selection from its JSON text, or why it is none. */
export function parseConfig(text: string): { readonly config: Config } | { readonly fault: Reason } {
  const fault = jsonObject(text);
  return fault === undefined ? { config: JSON.parse(text) } : { fault };
}
