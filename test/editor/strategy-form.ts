import type { Locator } from "playwright-core";
import type { Json, Pair } from "../services/lightly/selection/legal-configs.ts";
import type { InPage, PageElement, Place } from "./in-page.ts";
import { choose, clickOn, enter } from "./user-input.ts";

declare const inPage: InPage;
declare const document: PageElement;

/** Placeholders for the keys of `target` and `targetRange`. */
type Fields = Readonly<Record<string, string>>;

/** The rows of strategies, without removed rows that fade out. */
const ROWS = "#node-input-strategies-list li:not(.red-ui-editableList-item-deleting) .lightly-aws-strategy";

/** The rows of strategies in the open dialog of *lightly run*. */
export function strategyRows(dialog: Locator): Locator {
  return dialog.locator(ROWS);
}

/** Adds a row by the button below the list. */
export async function addStrategy(dialog: Locator): Promise<Locator> {
  const page = dialog.page();
  const before = await rowCount(dialog);
  await clickOn(page, {
    path: [".red-ui-editableList:has(#node-input-strategies-list)", ".red-ui-editableList-addButton"],
  });
  await page.evaluate(
    ([rows, index]) =>
      inPage.until(() => [...document.querySelectorAll(rows)][index]?.checkVisibility(), "The new row is shown"),
    [ROWS, before] as const,
  );
  return strategyRows(dialog).nth(before);
}

/** Removes all rows. */
export async function removeStrategies(dialog: Locator): Promise<void> {
  const page = dialog.page();
  for (let left = await rowCount(dialog); left > 0; left -= 1) {
    await clickOn(page, { path: ["#node-input-strategies-list > li", ".red-ui-editableList-item-remove"] });
    await page.evaluate(
      (count) =>
        inPage.until(
          () => [...document.querySelectorAll("#node-input-strategies-list > li")].length === count,
          "The row is removed",
        ),
      left - 1,
    );
  }
}

/** The number of rows. */
export function rowCount(dialog: Locator): Promise<number> {
  return dialog.page().evaluate((rows) => [...document.querySelectorAll(rows)].length, ROWS);
}

/** The button that removes a row. */
export function removeButton(row: Locator): Locator {
  return row.locator("xpath=..").getByRole("button", { name: "Remove this strategy" });
}

/** Chooses a pair and fills in its fields, like a user. */
export async function fillStrategy(row: Locator, { input, strategy }: Pair): Promise<void> {
  const page = row.page();
  const index = await row.evaluate(
    (element, rows) => [...document.querySelectorAll(rows)].indexOf(element as never),
    ROWS,
  );
  const inRow = (...path: NonNullable<Place["path"]>): Place => ({ path: [[ROWS, index], ...path] });
  await choose(page, inRow(["select", 0]), String(input.name ?? input.type));
  await choose(page, inRow(["select", 1]), String(strategy.type));
  for (const [name, text] of Object.entries({ ...fieldsOf("input", input), ...fieldsOf("strategy", strategy) })) {
    const control = inRow(`[data-field="${name}"]`, "input, select, textarea");
    await enter(page, control, text);
  }
}

/** The content of a row: both choices, and the text of each non-empty field. */
export async function shownStrategy(row: Locator): Promise<Fields> {
  const [shown, ...others] = await shownStrategies(row);
  if (shown === undefined || others.length > 0) {
    throw new Error(`There is not one row, but ${others.length + (shown ? 1 : 0)}.`);
  }
  return shown;
}

/** The content of each row. */
export function shownStrategies(rows: Locator): Promise<Fields[]> {
  return rows.evaluateAll((all) =>
    (all as unknown as PageElement[]).map((row) => {
      const [source, strategy] = row.querySelectorAll("select");
      const shown: Record<string, string> = { source: source?.value ?? "", strategy: strategy?.value ?? "" };
      for (const label of row.querySelectorAll("[data-field]")) {
        const text = label.querySelector("input, select, textarea")?.value ?? "";
        if (text !== "") {
          shown[label.dataset.field ?? ""] = text;
        }
      }
      return shown;
    }),
  );
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
