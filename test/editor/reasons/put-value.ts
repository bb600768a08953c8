import type { Locator } from "playwright-core";
import { paste } from "../forms/fill-field.ts";
import { allShownOf } from "../forms/shown-form.ts";
import type { InPage } from "../in-page.ts";
import { chooseType, inputOf, rowOf, typeIn } from "../look-up-form.ts";
import { addStrategy } from "../strategy-form.ts";
import { choose, clickOn, enterText, typeText } from "../user-input.ts";

declare const inPage: InPage;

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
  const shown = await allShownOf(dialog, [property, `${property}Type`]);
  const as = shown[`${property}Type`];
  return { value: shown[property], as: typeof as === "string" ? as : undefined };
}

/** Enters a value like a user, and leaves the field. */
export async function putValue(dialog: Locator, property: string, { value, as }: Value): Promise<void> {
  const page = dialog.page();
  const { kind, type } = await kindOf(dialog, property);
  if (kind === "list") {
    return putRows(dialog, property, value);
  }
  if (as !== undefined && type !== as) {
    await chooseType(dialog, property, as);
  }
  if (property === "selection" && as !== "msg") {
    return paste(dialog, String(value));
  }
  if (kind === "typed") {
    return typeIn(dialog, property, String(value));
  }
  return kind === "select" ? choose(page, { property }, String(value)) : enterText(page, { property }, String(value));
}

/** How the value of a field is entered, and the type of a typed input. */
interface Kind {
  readonly kind: "list" | "typed" | "select" | "text";
  readonly type: string | undefined;
}

function kindOf(dialog: Locator, property: string): Promise<Kind> {
  return dialog.page().evaluate((name): Kind => {
    const isThere = (selector: string): boolean => (inPage.rowOf(name)?.querySelector(selector) ?? null) !== null;
    const kind = isThere(".red-ui-editableList")
      ? "list"
      : isThere(".red-ui-typedInput-input")
        ? "typed"
        : isThere(`select[id$="-input-${name}"]`)
          ? "select"
          : "text";
    return { kind, type: inPage.typeOf(name) };
  }, property);
}

/** A list of pairs, or of strategies, which are only removed, and the first one is restored. */
async function putRows(dialog: Locator, property: string, value: unknown): Promise<void> {
  const page = dialog.page();
  const removal = ".red-ui-editableList-item-remove";
  for (let left = await rowOf(dialog, property).locator(removal).count(); left > 0; left -= 1) {
    await clickOn(page, { property, path: [removal] });
  }
  if (!Array.isArray(value)) {
    await addStrategy(dialog);
    return;
  }
  for (const [index, pair] of value.entries()) {
    await clickOn(page, { property, path: [".red-ui-editableList-addButton"] });
    const halves: unknown[] = Array.isArray(pair) ? pair : Object.values(pair);
    for (const [at, half] of halves.entries()) {
      await typeText(
        page,
        {
          property,
          path: [
            [".lightly-aws-pair", index],
            ["input", at],
          ],
        },
        String(half),
      );
    }
  }
  // The value is read when the field loses the focus.
  await page.keyboard.press("Tab");
}
