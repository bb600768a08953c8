import { type Conditions, isShown } from "../fields/field.ts";
import { currentValue, input } from "./open-form.ts";

/**
 * Shows the rows that belong to the current choices. A row says in `data-when="access=role,keys&amount=json"` with which values of which
 * properties it is shown; the input of a property that is not there any more hides its rows.
 */
export function followChoices(node: EditorNode, form: JQuery): void {
  const rows = form.find("[data-when]").toArray();
  const deciders = new Set(rows.flatMap((row) => Object.keys(conditionsOf(row))));
  const update = (): void => {
    for (const row of rows) {
      $(row).toggle(isShown({ when: conditionsOf(row) }, (property) => currentValue(node, property)));
    }
  };
  for (const property of deciders) {
    input(property).on("change", update);
  }
  update();
}

function conditionsOf(row: HTMLElement): Conditions {
  const conditions = (row.dataset.when ?? "").split("&").map((condition) => condition.split("="));
  return Object.fromEntries(conditions.map(([property = "", values = ""]) => [property, values.split(",")]));
}

/** Opens the Advanced section when something in it differs from its default, so that no setting acts unseen. */
export function openAdvancedIfUsed(node: EditorNode, form: JQuery, prefix: string): void {
  const section = form.find("details.lightly-aws-advanced");
  const properties = section
    .find(`[id^=${prefix}]`)
    .toArray()
    .map((element) => element.id.slice(prefix.length).replace(/-list$/, ""));
  section.prop(
    "open",
    properties.some((property) => differsFromDefault(node, property)),
  );
}

function differsFromDefault(node: EditorNode, property: string): boolean {
  const definition = node._def.defaults[property];
  const value = node[property];
  return definition !== undefined && value !== undefined && written(value) !== written(definition.value);
}

// A number may be stored as it was typed.
function written(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
