import type { TextRule } from "./rule.ts";

/** An address of HTTP or HTTPS. */
export const webAddress: TextRule = (text) => (/^https?:$/.test(protocolOf(text)) ? undefined : { key: "webAddress" });

// Some browsers have no URL.parse.
function protocolOf(text: string): string {
  try {
    return new URL(text).protocol;
  } catch {
    return "";
  }
}
