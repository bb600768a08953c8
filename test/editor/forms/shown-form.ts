import type { Locator } from "playwright-core";
import type { InPage, PageElement } from "../in-page.ts";
import { shownStrategy, strategyRows } from "../strategy-form.ts";

declare const inPage: InPage;
declare const monaco: { editor: { getModels(): Array<{ getValue(): string }> } };

/** What the form shows for a property. */
export async function shownOf(dialog: Locator, property: string): Promise<unknown> {
  return (await allShownOf(dialog, [property]))[property];
}

/** What the form shows for several properties. */
export async function allShownOf(dialog: Locator, properties: readonly string[]): Promise<Record<string, unknown>> {
  const shown = Object.fromEntries(await dialog.page().evaluate(readFields, properties));
  if (properties.includes("strategies")) {
    shown.strategies = await shownStrategy(strategyRows(dialog));
  }
  return shown;
}

/** Runs in the browser. */
function readFields(properties: readonly string[]): Array<[string, unknown]> {
  const pairsOf = (row: PageElement | undefined): object[] =>
    [...(row?.querySelectorAll(".lightly-aws-pair") ?? [])].map((pair) =>
      Object.fromEntries([...pair.querySelectorAll("[data-half]")].map(({ dataset, value }) => [dataset.half, value])),
    );
  const read = (property: string): unknown => {
    if (
      property === "selection" &&
      inPage.dialog()?.querySelector(".lightly-aws-code .monaco-editor")?.checkVisibility()
    ) {
      return monaco.editor.getModels().at(-1)?.getValue();
    }
    const input = inPage.inputOf(property);
    if (!input) {
      return pairsOf(inPage.rowOf(property));
    }
    if (input.type === "checkbox") {
      return input.checked;
    }
    const typed = inPage.rowOf(property)?.querySelector(".red-ui-typedInput-input");
    // The second value of a typed input is its type, which is in the menu before it.
    return !property.endsWith("Type") && typed?.checkVisibility() ? typed.value : input.value;
  };
  return properties.map((property) => [property, read(property)]);
}
