import type { Locator } from "playwright-core";
import { paste } from "../forms/fill-field.ts";
import { shownOf } from "../forms/shown-form.ts";
import { chooseType, inputOf, rowOf, typeIn } from "../look-up-form.ts";
import { addStrategy } from "../strategy-form.ts";

/** The visible element of a property: its input, typed input or list. */
export async function placeOf(dialog: Locator, property: string): Promise<Locator> {
  const row = rowOf(dialog, property);
  const list = row.locator(".red-ui-editableList-container");
  if ((await list.count()) > 0) {
    return list.first();
  }
  const typed = row.locator(".red-ui-typedInput-container");
  return (await typed.count()) > 0 ? typed : inputOf(dialog, property);
}

/** A value of a field. */
export interface Value {
  readonly value: unknown;
  readonly as?: string | undefined;
}

/** Returns the current value of a field, to restore it. */
export async function takeValue(dialog: Locator, property: string): Promise<Value> {
  const twin = inputOf(dialog, `${property}Type`);
  const as = (await twin.count()) > 0 ? await twin.inputValue() : undefined;
  return { value: await shownOf(dialog, property), as };
}

/** Enters a value like a user, and leaves the field. */
export async function putValue(dialog: Locator, property: string, { value, as }: Value): Promise<void> {
  const kind = await kindOf(dialog, property);
  if (kind === "list") {
    return putRows(dialog, property, value);
  }
  if (as !== undefined && (await inputOf(dialog, `${property}Type`).inputValue()) !== as) {
    await chooseType(dialog, property, as);
  }
  if (property === "selection" && as !== "msg") {
    return paste(dialog.locator(".lightly-aws-code .monaco-editor").first(), String(value));
  }
  if (kind === "typed") {
    return typeIn(dialog, property, String(value));
  }
  const input = inputOf(dialog, property);
  if (kind === "select") {
    await input.selectOption(String(value));
    return;
  }
  await input.fill(String(value));
  await input.press("Tab");
}

/** The members of an element that {@link kindOf} reads. */
interface Row {
  querySelector(selector: string): object | null;
}

/** In one request to the browser, because a test asks some hundred times. */
function kindOf(dialog: Locator, property: string): Promise<"list" | "typed" | "select" | "text"> {
  return rowOf(dialog, property).evaluate((node, name) => {
    const row = node as unknown as Row;
    const isThere = (selector: string): boolean => row.querySelector(selector) !== null;
    if (isThere(".red-ui-editableList")) {
      return "list";
    }
    if (isThere(".red-ui-typedInput-input")) {
      return "typed";
    }
    return isThere(`select[id$="-input-${name}"]`) ? "select" : "text";
  }, property);
}

/** A list of pairs, or of strategies, which are only removed, and the first one is restored. */
async function putRows(dialog: Locator, property: string, value: unknown): Promise<void> {
  const row = rowOf(dialog, property);
  const removals = row.locator(".red-ui-editableList-item-remove");
  for (let left = await removals.count(); left > 0; left -= 1) {
    await removals.first().click();
  }
  if (!Array.isArray(value)) {
    await addStrategy(dialog);
    return;
  }
  for (const [index, pair] of value.entries()) {
    await row.locator(".red-ui-editableList-addButton").click();
    const halves: unknown[] = Array.isArray(pair) ? pair : Object.values(pair);
    for (const [at, half] of halves.entries()) {
      await row.locator(".lightly-aws-pair").nth(index).locator("input").nth(at).fill(String(half));
    }
  }
  // The value is read when the field loses the focus.
  await dialog.page().keyboard.press("Tab");
}
