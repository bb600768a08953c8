import type { Locator } from "playwright-core";

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
  return inputOf(dialog, property).inputValue();
}

/** The row of a property with its label and its field. */
export function rowOf(dialog: Locator, property: string): Locator {
  const id = `@id="node-input-${property}" or @id="node-config-input-${property}" or @id="node-input-${property}-list"`;
  return dialog.locator(`xpath=.//*[${id}]/ancestor::*[contains(concat(" ", @class, " "), " form-row ")][1]`);
}

/** Types into a typed input, which reads the text when it loses the focus. */
export async function typeIn(dialog: Locator, property: string, text: string): Promise<void> {
  const shown = rowOf(dialog, property).locator(".red-ui-typedInput-input");
  await shown.fill(text);
  await shown.press("Tab");
}

/** Chooses the type of a typed input in its menu. */
export async function chooseType(dialog: Locator, property: string, type: string): Promise<void> {
  await rowOf(dialog, property).locator(".red-ui-typedInput-type-select").click();
  const menu = dialog.page().locator(".red-ui-typedInput-options:visible");
  await menu.locator(`a[value="${type}"]`).click();
  await menu.waitFor({ state: "hidden" });
}
