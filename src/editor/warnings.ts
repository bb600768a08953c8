import { type Fields, isShown } from "../fields/field.ts";
import type { ReadProperty } from "../fields/rules/rule.ts";
import { line } from "./line.ts";
import { currentValue, input } from "./open-form.ts";

/** Shows a warning below each field whose value is valid, but probably a mistake. It does not keep the user from saving. */
export function followWarnings(node: EditorNode, form: JQuery, fields: Fields): void {
  const read: ReadProperty = (property) => currentValue(node, property);
  const warned = Object.entries(fields).flatMap(([property, field]) => {
    if (field.warning === undefined) {
      return [];
    }
    const place = $("<div>", { class: "lightly-aws-hint lightly-aws-warning", role: "status" });
    input(node, property).closest(".form-row").after(place.hide());
    return { field, warning: field.warning, place };
  });
  const update = (): void => {
    for (const { field, warning, place } of warned) {
      const applies = isShown(field, read) && warning.applies(read);
      // A status that is written again would be read aloud again.
      if (applies !== place.is(":parent")) {
        place.toggle(applies).empty();
        place.append(applies ? line("fa-exclamation-triangle", node._(`${node.type}.warning.${warning.key}`)) : []);
      }
    }
  };
  form.on("change keyup paste", update);
  update();
}
