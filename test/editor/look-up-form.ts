import type { Locator } from "playwright-core";
import type { InPage, PageElement } from "./in-page.ts";
import { clickOn, enterText } from "./user-input.ts";

declare const inPage: InPage;
declare const document: PageElement;

/** A button of the open dialog by its name. */
export function button(dialog: Locator, name: string): Locator {
  return dialog.getByRole("button", { name, exact: true });
}

/** The list of a look-up. */
export function list(dialog: Locator, name: string): Locator {
  return dialog.getByRole("listbox", { name, exact: true });
}

/** The element of the open dialog from which Node-RED reads a property. */
export function inputOf(dialog: Locator, property: string): Locator {
  return dialog.locator(`[id="node-input-${property}"], [id="node-config-input-${property}"]`);
}

/** The value of a property in the open dialog. */
export function valueIn(dialog: Locator, property: string): Promise<string> {
  return dialog
    .page()
    .evaluate(
      (name) => inPage.until(() => inPage.inputOf(name), `The field of ${name} exists`).then((it) => it.value),
      property,
    );
}

/** The row of a property with its label and its field. */
export function rowOf(dialog: Locator, property: string): Locator {
  const id = `@id="node-input-${property}" or @id="node-config-input-${property}" or @id="node-input-${property}-list"`;
  return dialog.locator(`xpath=.//*[${id}]/ancestor::*[contains(concat(" ", @class, " "), " form-row ")][1]`);
}

/** Types into a typed input, which reads the text when it loses the focus. */
export async function typeIn(dialog: Locator, property: string, text: string): Promise<void> {
  await enterText(dialog.page(), { property, path: [".red-ui-typedInput-input"] }, text);
}

/** Chooses the type of a typed input in its menu. */
export async function chooseType(dialog: Locator, property: string, type: string): Promise<void> {
  const page = dialog.page();
  await clickOn(page, { property, path: [".red-ui-typedInput-type-select"] });
  await clickOn(page, { onPage: true, path: [".red-ui-typedInput-options", `a[value="${type}"]`] });
  await page.evaluate(() =>
    inPage.until(
      () => ![...document.querySelectorAll(".red-ui-typedInput-options")].some((menu) => menu.checkVisibility()),
      "The menu of types is closed",
    ),
  );
}

/** The type of a typed input with several types. */
export function typeOf(dialog: Locator, property: string): Promise<string | undefined> {
  return dialog.page().evaluate((name) => inPage.typeOf(name), property);
}
