import { type Conditions, isShown } from "../fields/field.ts";
import { currentValue, input } from "./open-form.ts";

/**
 * Shows the rows that apply to the current choices. `data-when="access=role,keys&amount=json"` of a row lists the values of properties with
 * which it is shown. If the input of a property does not exist, its rows are hidden.
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
    input(node, property).on("change", update);
  }
  update();
}

function conditionsOf(row: HTMLElement): Conditions {
  const conditions = (row.dataset.when ?? "").split("&").map((condition) => condition.split("="));
  return Object.fromEntries(conditions.map(([property = "", values = ""]) => [property, values.split(",")]));
}

/** Opens the Advanced section if a value in it differs from its default, so that no active setting is hidden. */
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

// A number may be stored as text.
function written(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
