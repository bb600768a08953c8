import type { Locator } from "playwright-core";
import { shownStrategy, strategyRows } from "../strategy-form.ts";

declare const monaco: { editor: { getModels(): Array<{ getValue(): string }> } };

/** What the form shows for a property. */
export async function shownOf(dialog: Locator, property: string): Promise<unknown> {
  return (await allShownOf(dialog, [property]))[property];
}

/** What the form shows for several properties. */
export async function allShownOf(dialog: Locator, properties: readonly string[]): Promise<Record<string, unknown>> {
  // In one request to the browser, because the tests read some thousand fields.
  const shown = Object.fromEntries(await dialog.evaluate(readFields, properties));
  if (properties.includes("strategies")) {
    shown.strategies = await shownStrategy(strategyRows(dialog));
  }
  if (
    properties.includes("selection") &&
    (await dialog.locator(".lightly-aws-code .monaco-editor").first().isVisible())
  ) {
    shown.selection = await dialog.page().evaluate(() => monaco.editor.getModels().at(-1)?.getValue());
  }
  return shown;
}

/** The members of an element that the tests use. */
interface Element {
  readonly type?: string;
  readonly value: string;
  readonly checked?: boolean;
  readonly dataset: { readonly half?: string };
  querySelector(selector: string): Element | null;
  querySelectorAll(selector: string): Iterable<Element>;
  closest(selector: string): Element | null;
  checkVisibility(): boolean;
}

/** Runs in the browser. */
function readFields(dialog: unknown, properties: readonly string[]): Array<[string, unknown]> {
  const tray = dialog as Element;
  const pairsOf = (row: Element | null | undefined): object[] =>
    [...(row?.querySelectorAll(".lightly-aws-pair") ?? [])].map((pair) =>
      Object.fromEntries([...pair.querySelectorAll("[data-half]")].map(({ dataset, value }) => [dataset.half, value])),
    );
  const read = (property: string): unknown => {
    const input = tray.querySelector(`[id="node-input-${property}"], [id="node-config-input-${property}"]`);
    if (!input) {
      return pairsOf(tray.querySelector(`[id="node-input-${property}-list"]`)?.closest(".form-row"));
    }
    if (input.type === "checkbox") {
      return input.checked;
    }
    const typed = input.closest(".form-row")?.querySelector(".red-ui-typedInput-input");
    // The second value of a typed input is its type, which is in the menu before it.
    return !property.endsWith("Type") && typed?.checkVisibility() ? typed.value : input.value;
  };
  return properties.map((property) => [property, read(property)]);
}
