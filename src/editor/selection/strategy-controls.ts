import type { Translate } from "./explain.ts";
import { nameOf, type StrategyField } from "./strategy-fields.ts";

/** The value of a control as a text. */
export function value(element: JQuery): string {
  return String(element.val() ?? "");
}

/** Creates an empty selection list with a name. */
export function choice(name: string): JQuery {
  return $("<select>", { "aria-label": name, title: name });
}

/** Fills a selection list, and chooses one of its words. */
export function fillChoice(
  select: JQuery,
  words: readonly string[],
  chosen: string,
  name: (word: string) => string,
): void {
  select.empty().append(words.map((word) => $("<option>", { value: word }).text(name(word))));
  select.val(words.includes(chosen) ? chosen : (words[0] ?? ""));
}

let lists = 0;

/**
 * Creates the control of a field of a strategy, with its label.
 *
 * @param texts - the texts of all fields of the strategy, by their names
 * @param written - called with the new text when the user changes the field
 */
export function labeled(
  field: StrategyField,
  texts: Record<string, string>,
  translate: Translate,
  written: (text: string) => void,
): JQuery {
  const name = nameOf(field);
  const label = $("<label>", { "data-field": name, "data-label": field.label }).append(
    $("<span>").text(translate(field.label)),
  );
  if (field.kind === "choice") {
    const select = $("<select>");
    const words = new Map(field.choices);
    // The value of a select is used even if the user has not changed it.
    const chosen = texts[name] ?? field.choices?.[0]?.[0] ?? "";
    texts[name] = chosen;
    const offered = words.has(chosen) ? [...words.keys()] : [chosen, ...words.keys()];
    fillChoice(select, offered, chosen, (word) => (words.has(word) ? translate(words.get(word) ?? "") : word));
    select.on("change", () => written(value(select)));
    return label.append(select);
  }
  const isLong = field.kind === "lines" || field.kind === "shares";
  const control = isLong ? $("<textarea>", { rows: 3 }) : $("<input>", { type: "text" });
  control.attr({ placeholder: field.placeholder ?? "", "aria-required": String(field.required ?? false) });
  if (field.kind === "number") {
    control.attr("inputmode", "decimal");
  }
  control.val(texts[name] ?? "").on("input change", () => written(value(control)));
  label.append(control);
  if (field.suggestions) {
    lists += 1;
    const id = `lightly-aws-suggestions-${lists}`;
    control.attr("list", id);
    label.append($("<datalist>", { id }).append(field.suggestions.map((word) => $("<option>", { value: word }))));
  }
  return label;
}
