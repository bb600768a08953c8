import type { Locator } from "playwright-core";
import type { Pair } from "../../services/lightly/selection/legal-configs.ts";
import type { InPage } from "../in-page.ts";
import { button, chooseType, list, rowOf, typeIn, typeOf, valueIn } from "../look-up-form.ts";
import { addStrategy, expectedStrategy, fillStrategy, removeStrategies } from "../strategy-form.ts";
import { choose, clickOn, enterText, setChecked, typeText, unfoldAll } from "../user-input.ts";

declare const monaco: { editor: { getModels(): Array<{ getValue(): string }> } };
declare const inPage: InPage;
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
  await unfoldAll(dialog.page());
  const expected = new Map<string, Expected>();
  for (const [property, entry] of filling) {
    expected.set(property, await fillField(dialog, property, entry));
  }
  for (const [property, type] of await typesOf(dialog, [...expected.keys()])) {
    expected.set(`${property}Type`, same(type));
  }
  return expected;
}

async function fillField(dialog: Locator, property: string, entry: Entry): Promise<Expected> {
  if ("text" in entry) {
    await enterText(dialog.page(), { property }, entry.text);
    return { shown: entry.text, stored: entry.stored ?? entry.text };
  }
  if ("choose" in entry) {
    await choose(dialog.page(), { property }, entry.choose);
    return same(entry.choose);
  }
  if ("check" in entry) {
    await setChecked(dialog.page(), property, entry.check);
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
    await clickOn(dialog.page(), { property, path: ['[aria-label="Remove this row"]'] });
    return same(entry.left.map(([name, value]) => ({ [entry.key]: name, value })));
  }
  if ("strategy" in entry) {
    await removeStrategies(dialog);
    await fillStrategy(await addStrategy(dialog), entry.strategy);
    return { shown: expectedStrategy(entry.strategy), stored: [entry.strategy] };
  }
  await chooseType(dialog, property, "json");
  await paste(dialog, entry.code);
  return same(entry.code);
}

const same = (value: unknown): Expected => ({ shown: value, stored: value });

/** Replaces the text of a code editor by pasting, because the editor closes brackets automatically while typing. */
export async function paste(dialog: Locator, text: string): Promise<void> {
  const page = dialog.page();
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  await clickOn(page, { path: [".lightly-aws-code .monaco-editor"] });
  await page.keyboard.press("Control+a");
  await page.keyboard.press(text === "" ? "Delete" : "Control+v");
  // The clipboard is read some time after the keys.
  await page.evaluate(
    (pasted) =>
      inPage.until(
        () => monaco.editor.getModels().at(-1)?.getValue().replaceAll(/\s/g, "") === pasted,
        "The text is pasted",
      ),
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
  const value = await valueIn(dialog, property);
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
  const page = dialog.page();
  for (const [index, [name, value]] of pairs.entries()) {
    await clickOn(page, { property, path: [".red-ui-editableList-addButton"] });
    await typeText(page, { property, path: [[".lightly-aws-pair", index], `[data-half=${key}]`] }, name);
    await typeText(page, { property, path: [[".lightly-aws-pair", index], "[data-half=value]"] }, value);
  }
  return pairs.map(([name, value]) => ({ [key]: name, value }));
}

/** The properties with a typed input of several types, and the type of each. */
function typesOf(dialog: Locator, properties: readonly string[]): Promise<Array<[string, string]>> {
  return dialog.page().evaluate(
    (names) =>
      names.flatMap((name): Array<[string, string]> => {
        const type = inPage.typeOf(name);
        return type === undefined ? [] : [[name, type]];
      }),
    properties,
  );
}
