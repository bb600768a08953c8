import type { Locator } from "playwright-core";
import type { Pair } from "../../services/lightly/selection/legal-configs.ts";
import { button, chooseType, inputOf, list, rowOf, typeIn } from "../look-up-form.ts";
import { addStrategy, expectedStrategy, fillStrategy, removeStrategies } from "../strategy-form.ts";

declare const monaco: { editor: { getModels(): Array<{ getValue(): string }> } };
declare const navigator: { clipboard: { writeText(text: string): Promise<void> } };

/** How a user fills in a field. */
export type Entry =
  | { readonly text: string; readonly stored?: string }
  | { readonly choose: string }
  | { readonly check: boolean }
  /** A typed input; `as` is its type, absent where there is none to choose. */
  | { readonly typed: string; readonly as?: string }
  /** What a look-up offers; several are clicked one after the other. */
  | { readonly lookUp: string; readonly options: readonly (string | RegExp)[]; readonly gives: string | RegExp }
  | { readonly pairs: readonly (readonly [string, string])[]; readonly key: "key" | "name" }
  /** Takes the first pair away again. */
  | { readonly left: readonly (readonly [string, string])[]; readonly key: "key" | "name" }
  | { readonly strategy: Pair }
  | { readonly code: string };

/** A field of a form, and its new value. A later entry for the same field takes precedence. */
export type Filling = readonly (readonly [property: string, entry: Entry])[];

/** The expected value of a property in the form and in the node. */
export interface Expected {
  readonly shown: unknown;
  readonly stored: unknown;
}

/** Fills in a form from top to bottom, and returns the expected value of each property. */
export async function fillForm(dialog: Locator, filling: Filling): Promise<Map<string, Expected>> {
  for (const summary of await dialog.locator("details:not([open]) > summary").all()) {
    await summary.click();
  }
  const expected = new Map<string, Expected>();
  for (const [property, entry] of filling) {
    expected.set(property, await fillField(dialog, property, entry));
    const type = await typeOf(dialog, property);
    if (type !== undefined) {
      expected.set(`${property}Type`, same(type));
    }
  }
  return expected;
}

async function fillField(dialog: Locator, property: string, entry: Entry): Promise<Expected> {
  if ("text" in entry) {
    await inputOf(dialog, property).fill(entry.text);
    // The menu of suggestions closes, and the editor validates, when the field loses the focus.
    await inputOf(dialog, property).press("Tab");
    return { shown: entry.text, stored: entry.stored ?? entry.text };
  }
  if ("choose" in entry) {
    await inputOf(dialog, property).selectOption(entry.choose);
    return same(entry.choose);
  }
  if ("check" in entry) {
    await inputOf(dialog, property).setChecked(entry.check);
    return same(entry.check);
  }
  if ("typed" in entry) {
    if (entry.as !== undefined && (await typeOf(dialog, property)) !== entry.as) {
      await chooseType(dialog, property, entry.as);
    }
    await typeIn(dialog, property, entry.typed);
    return same(entry.typed);
  }
  if ("lookUp" in entry) {
    return same(await lookUp(dialog, property, entry));
  }
  if ("pairs" in entry) {
    return same(await addPairs(dialog, property, entry));
  }
  if ("left" in entry) {
    // Does not wait until the row has faded out, because Done must not save a removed row.
    await rowOf(dialog, property).getByRole("button", { name: "Remove this row" }).first().click();
    return same(entry.left.map(([name, value]) => ({ [entry.key]: name, value })));
  }
  if ("strategy" in entry) {
    await removeStrategies(dialog);
    await fillStrategy(await addStrategy(dialog), entry.strategy);
    return { shown: expectedStrategy(entry.strategy), stored: [entry.strategy] };
  }
  await chooseType(dialog, property, "json");
  await paste(dialog.locator(".lightly-aws-code .monaco-editor").first(), entry.code);
  return same(entry.code);
}

const same = (value: unknown): Expected => ({ shown: value, stored: value });

/** Replaces the text of a code editor by pasting, because the editor closes brackets automatically while typing. */
export async function paste(editor: Locator, text: string): Promise<void> {
  const page = editor.page();
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  await editor.click();
  await page.keyboard.press("Control+a");
  await page.keyboard.press(text === "" ? "Delete" : "Control+v");
  // The clipboard is read some time after the keys.
  await page.waitForFunction(
    (pasted) => monaco.editor.getModels().at(-1)?.getValue().replaceAll(/\s/g, "") === pasted,
    text.replaceAll(/\s/g, ""),
  );
}

async function lookUp(
  dialog: Locator,
  property: string,
  { lookUp, options, gives }: Extract<Entry, { lookUp: string }>,
): Promise<string> {
  const row = rowOf(dialog, property);
  await button(row, lookUp).click();
  for (const name of options) {
    await list(row, lookUp).getByRole("option", { name }).first().click();
  }
  const value = await inputOf(dialog, property).inputValue();
  if (!(typeof gives === "string" ? value === gives : gives.test(value))) {
    throw new Error(`The look-up put "${value}" into ${property}, not ${gives}.`);
  }
  if (await row.locator(".lightly-aws-panel").isVisible()) {
    await button(row, lookUp).click();
  }
  return value;
}

async function addPairs(
  dialog: Locator,
  property: string,
  { pairs, key }: Extract<Entry, { pairs: unknown }>,
): Promise<unknown> {
  const row = rowOf(dialog, property);
  const rows = row.locator(".lightly-aws-pair");
  for (const [name, value] of pairs) {
    const before = await rows.count();
    await row.locator(".red-ui-editableList-addButton").click();
    await rows.nth(before).locator(`[data-half=${key}]`).fill(name);
    await rows.nth(before).locator("[data-half=value]").fill(value);
  }
  return pairs.map(([name, value]) => ({ [key]: name, value }));
}

/** The type of a typed input with several types. */
async function typeOf(dialog: Locator, property: string): Promise<string | undefined> {
  const twin = inputOf(dialog, `${property}Type`);
  return (await twin.count()) === 0 ? undefined : twin.inputValue();
}
