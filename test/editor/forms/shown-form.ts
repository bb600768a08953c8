import type { Locator } from "playwright-core";
import { inputOf, rowOf } from "../look-up-form.ts";
import { shownStrategy, strategyRows } from "../strategy-form.ts";

declare const monaco: { editor: { getModels(): Array<{ getValue(): string }> } };

/** The text of a property in the open form. */
export async function shownOf(dialog: Locator, property: string): Promise<unknown> {
  if (property === "strategies") {
    return shownStrategy(strategyRows(dialog));
  }
  if (property === "selection" && (await dialog.locator(".lightly-aws-code .monaco-editor").first().isVisible())) {
    return dialog.page().evaluate(() => monaco.editor.getModels().at(-1)?.getValue());
  }
  const input = inputOf(dialog, property);
  if ((await input.count()) === 0) {
    return rowOf(dialog, property).locator(".lightly-aws-pair").evaluateAll(pairsOf);
  }
  if ((await input.getAttribute("type")) === "checkbox") {
    return input.isChecked();
  }
  const typed = rowOf(dialog, property).locator(".red-ui-typedInput-input");
  // The second value of a typed input is its type, which is in the menu before it.
  if (property.endsWith("Type") || (await typed.count()) === 0) {
    return input.inputValue();
  }
  return (await typed.isVisible()) ? typed.inputValue() : input.inputValue();
}

interface Half {
  readonly dataset: { readonly half?: string };
  readonly value: string;
}

function pairsOf(rows: readonly object[]): object[] {
  return rows.map((row) => {
    const halves = (row as { querySelectorAll(selector: string): Iterable<Half> }).querySelectorAll("[data-half]");
    return Object.fromEntries([...halves].map(({ dataset, value }) => [dataset.half ?? "", value]));
  });
}
