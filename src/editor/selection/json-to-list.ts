import { parseConfig } from "./parse-config.ts";
import { type Config, type ListView, listViewOf } from "./views.ts";

/** Converts JSON text to a list. Returns `nothing` if there is no text, `undefined` if no list can show it. */
export function listFrom(text: string): ListView | "nothing" | undefined {
  if (text.trim() === "") {
    return "nothing";
  }
  const parsed = parseConfig(text);
  const found = "config" in parsed ? listViewOf(parsed.config) : parsed;
  return "view" in found ? found.view : undefined;
}

/** The text of a selection in the code editor. */
export function asText(config: Config): string {
  return JSON.stringify(config, null, 2);
}
