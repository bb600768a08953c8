import type { Page } from "playwright-core";
import { REASON_TEXTS } from "../../../src/fields/reason-texts.ts";
import type { Case } from "./cases.ts";

declare const RED: {
  _(key: string, values?: object): string;
  nodes: { getType(type: string): { defaults: Definitions; credentials?: Definitions } };
};
type Definitions = Record<
  string,
  { readonly label?: string; readonly validate?: unknown; readonly required?: boolean }
>;

/** All reasons that the forms have. */
export const REASONS = Object.keys(REASON_TEXTS);

/** The properties of a type with rules, and their labels. */
export function refusable(page: Page, type: string): Promise<Record<string, string>> {
  return page.evaluate((name) => {
    const { defaults, credentials } = RED.nodes.getType(name);
    const validated = Object.entries({ ...defaults, ...credentials }).filter(
      ([, { validate, required }]) => validate !== undefined || required === true,
    );
    return Object.fromEntries(validated.map(([property, { label }]) => [property, label ?? ""]));
  }, type);
}

/** The expected text: the label of the field, and then the reason. */
export async function expectedReason(page: Page, label: string, one: Case): Promise<RegExp> {
  const own = REASON_TEXTS[one.reason as keyof typeof REASON_TEXTS] as string | undefined;
  if (own !== undefined) {
    return new RegExp(`^${escaped(`${label}: ${one.within ?? ""}`)}${wordsOf(own, one.values)}$`, "s");
  }
  const text = await page.evaluate(([key, prop]) => RED._(`validator.errors.${key}`, { prop, error: "__error__" }), [
    one.reason,
    label,
  ] as const);
  const words = wordsOf(text, {});
  return new RegExp(text.includes(label) ? `^${words}$` : `^${escaped(label)}: ${words}`, "s");
}

/** Converts a text of a catalog to a pattern, in which placeholders without a value match anything. */
function wordsOf(text: string, values: Readonly<Record<string, unknown>> = {}): string {
  return text
    .split(/__(\w+?)__/)
    .map((part, index) => (index % 2 === 0 ? escaped(part) : part in values ? escaped(String(values[part])) : ".+"))
    .join("");
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
