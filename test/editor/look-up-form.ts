import type { Locator } from "playwright-core";

/** A button of the open dialog by its name. */
export function button(dialog: Locator, name: string): Locator {
  return dialog.getByRole("button", { name, exact: true });
}

/** The list that a look-up offers. */
export function list(dialog: Locator, name: string): Locator {
  return dialog.getByRole("listbox", { name, exact: true });
}

/** The element of the open dialog that Node-RED takes a property from. */
export function inputOf(dialog: Locator, property: string): Locator {
  return dialog.locator(`[id="node-input-${property}"], [id="node-config-input-${property}"]`);
}

/** What a property is as it stands in the open dialog. */
export function valueIn(dialog: Locator, property: string): Promise<string> {
  return inputOf(dialog, property).inputValue();
}

/** The row of a property: its label, its field, and what belongs to it. */
export function rowOf(dialog: Locator, property: string): Locator {
  const id = `@id="node-input-${property}" or @id="node-config-input-${property}" or @id="node-input-${property}-list"`;
  return dialog.locator(`xpath=.//*[${id}]/ancestor::*[contains(concat(" ", @class, " "), " form-row ")][1]`);
}

/** Types into a typed input, which takes what was typed when it is left. */
export async function typeIn(dialog: Locator, property: string, text: string): Promise<void> {
  const shown = rowOf(dialog, property).locator(".red-ui-typedInput-input");
  await shown.fill(text);
  await shown.press("Tab");
}

/** Chooses of which type a typed input is, in the menu before it. */
export async function chooseType(dialog: Locator, property: string, type: string): Promise<void> {
  await rowOf(dialog, property).locator(".red-ui-typedInput-type-select").click();
  const menu = dialog.page().locator(".red-ui-typedInput-options:visible");
  await menu.locator(`a[value="${type}"]`).click();
  await menu.waitFor({ state: "hidden" });
}
