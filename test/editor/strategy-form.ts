import type { Locator } from "playwright-core";
import type { Json, Pair } from "../services/lightly/selection/legal-configs.ts";

/** Placeholders for the keys of `target` and `targetRange`. */
type Fields = Readonly<Record<string, string>>;

/** The rows of strategies in the open dialog of *lightly run*, without removed rows that fade out. */
export function strategyRows(dialog: Locator): Locator {
  return dialog.locator("#node-input-strategies-list li:not(.red-ui-editableList-item-deleting) .lightly-aws-strategy");
}

/** Adds a row by the button below the list. */
export async function addStrategy(dialog: Locator): Promise<Locator> {
  const before = await strategyRows(dialog).count();
  await dialog.locator(".red-ui-editableList:has(#node-input-strategies-list) .red-ui-editableList-addButton").click();
  const row = strategyRows(dialog).nth(before);
  await row.waitFor();
  return row;
}

/** Removes all rows. */
export async function removeStrategies(dialog: Locator): Promise<void> {
  for (let left = await strategyRows(dialog).count(); left > 0; left -= 1) {
    await removeButton(strategyRows(dialog).first()).click();
    await dialog.page().waitForFunction(COUNT_IS, left - 1);
  }
}

const COUNT_IS = `(count) => document.querySelectorAll("#node-input-strategies-list > li").length === count`;

/** The button that removes a row. */
export function removeButton(row: Locator): Locator {
  return row.locator("xpath=..").getByRole("button", { name: "Remove this strategy" });
}

/** Chooses a pair and fills in its fields, like a user. */
export async function fillStrategy(row: Locator, { input, strategy }: Pair): Promise<void> {
  const [source, how] = [row.locator("select").nth(0), row.locator("select").nth(1)];
  await source.selectOption(String(input.name ?? input.type));
  await how.selectOption(String(strategy.type));
  for (const [name, text] of Object.entries({ ...fieldsOf("input", input), ...fieldsOf("strategy", strategy) })) {
    const control = row.locator(`[data-field="${name}"]`).locator("input, select, textarea");
    if ((await control.evaluate((element) => (element as { tagName?: string }).tagName)) === "SELECT") {
      await control.selectOption(text);
    } else {
      await control.fill(text);
    }
  }
}

/** The content of a row: both choices, and the text of each non-empty field. */
export async function shownStrategy(row: Locator): Promise<Fields> {
  const shown: Record<string, string> = {
    source: await row.locator("select").nth(0).inputValue(),
    strategy: await row.locator("select").nth(1).inputValue(),
  };
  for (const label of await row.locator("[data-field]").all()) {
    const text = await label.locator("input, select, textarea").inputValue();
    if (text !== "") {
      shown[(await label.getAttribute("data-field")) ?? ""] = text;
    }
  }
  return shown;
}

/** The expected content of the row of a pair. */
export function expectedStrategy({ input, strategy }: Pair): Fields {
  return {
    source: String(input.name ?? input.type),
    strategy: String(strategy.type),
    ...fieldsOf("input", input),
    ...fieldsOf("strategy", strategy),
  };
}

function fieldsOf(half: string, object: Json): Fields {
  const fields: Record<string, string> = {};
  for (const [key, value] of Object.entries(object).filter(([key]) => !["type", "name"].includes(key))) {
    if (key === "targetRange") {
      Object.assign(fields, fieldsOf(`${half}.${key}`, value as Json));
    } else if (Array.isArray(value)) {
      fields[`${half}.${key}`] = value.join("\n");
    } else if (typeof value === "object" && value !== null) {
      fields[`${half}.${key}`] = Object.entries(value)
        .map(([name, share]) => `${name}: ${share}`)
        .join("\n");
    } else {
      fields[`${half}.${key}`] = String(value);
    }
  }
  return fields;
}
