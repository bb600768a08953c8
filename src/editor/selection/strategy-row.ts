import { ownEntry } from "../../errors/own-entry.ts";
import { isSource } from "../../services/lightly/selection/selection-pairs.ts";
import { explainRow, sentenceOf, type Translate } from "./explain.ts";
import { isUseless, type Refusals } from "./refusals.ts";
import { type Row, shownFields } from "./rows.ts";
import { nameOf, type StrategyField, strategiesOf } from "./strategy-fields.ts";
import { MEANINGS, SOURCES, STRATEGIES } from "./words.ts";

/** A row of the list in the open form. */
export interface StrategyRow {
  read(): Row;
  focus(): void;
  /** Updates the number of the row. */
  number(index: number): void;
}

/** What the rows of a list share. */
export interface StrategyRowOptions {
  readonly translate: Translate;
  readonly refusals?: Refusals | undefined;
  readonly onChange: () => void;
}

/** Adds the choices and fields of a strategy to `row`. */
export function openStrategyRow(row: JQuery, first: Row, options: StrategyRowOptions): StrategyRow {
  const { translate, refusals, onChange } = options;
  // The text of a hidden field is kept, and shown again with the field.
  const texts: Record<string, string> = { ...first.texts };
  const source = choice(translate("lightly-aws.selection.builder.source"));
  const strategy = choice(translate("lightly-aws.selection.builder.strategy"));
  const fields = $("<div>", { class: "lightly-aws-fields" });
  const meaning = $("<div>", { class: "lightly-aws-meaning" });
  const problems = $("<div>", { class: "lightly-aws-problem", "aria-live": "polite" });
  const read = (): Row => ({ source: value(source), strategy: value(strategy), texts });

  const explain = (): void => {
    const found = explainRow(read(), refusals);
    const wrong = new Set(found.map(({ label }) => label));
    for (const label of fields.children().toArray()) {
      const isWrong = wrong.has(label.dataset.label);
      $(label)
        .find("input, select, textarea")
        .toggleClass("input-error", isWrong)
        .attr("aria-invalid", String(isWrong));
    }
    // A problem without a field is one of the pair.
    strategy.toggleClass(
      "input-error",
      found.some(({ label }) => label === undefined),
    );
    problems.empty().append(found.map((problem) => $("<div>").text(sentenceOf(problem, translate))));
    problems.toggle(found.length > 0);
    onChange();
  };
  const showFields = (): void => {
    const key = ownEntry(MEANINGS, value(strategy));
    meaning.text(key === undefined ? "" : translate(key));
    fields.empty();
    for (const field of shownFields(read()).filter((one) => !isUseless(one, read(), refusals))) {
      const written = (text: string): void => {
        texts[nameOf(field)] = text;
        if (field.kind === "choice") {
          // The choice determines the other fields.
          showFields();
          fields.find(`[data-field="${nameOf(field)}"] select`).trigger("focus");
        }
        explain();
      };
      fields.append(labelled(field, texts, translate, written));
    }
  };
  const showStrategies = (chosen: string): void => {
    const allowed: readonly string[] = strategiesOf(value(source));
    const offered = chosen === "" || allowed.includes(chosen) ? allowed : [...allowed, chosen];
    fillChoice(strategy, offered, chosen, (word) => wordOf(STRATEGIES, word, translate));
  };

  const sources = Object.keys(SOURCES);
  const offered = first.source === "" || isSource(first.source) ? sources : [...sources, first.source];
  fillChoice(source, offered, first.source, (word) => wordOf(SOURCES, word, translate));
  showStrategies(first.strategy);
  showFields();
  row.addClass("lightly-aws-strategy").attr("role", "group");
  row.append($("<div>", { class: "lightly-aws-pair" }).append(source, strategy), meaning, fields, problems);
  explain();

  source.on("change", () => {
    const allowed: readonly string[] = strategiesOf(value(source));
    showStrategies(allowed.includes(value(strategy)) ? value(strategy) : (allowed[0] ?? ""));
    showFields();
    explain();
  });
  strategy.on("change", () => {
    showFields();
    explain();
  });
  return {
    read,
    focus: () => source.trigger("focus"),
    number: (index) => row.attr("aria-label", translate("lightly-aws.selection.builder.row", { number: index + 1 })),
  };
}

function value(element: JQuery): string {
  return String(element.val() ?? "");
}

function wordOf(table: Readonly<Record<string, string>>, word: string, translate: Translate): string {
  const key = ownEntry(table, word);
  return key === undefined ? word : translate(key);
}

function choice(name: string): JQuery {
  return $("<select>", { "aria-label": name, title: name });
}

function fillChoice(select: JQuery, words: readonly string[], chosen: string, name: (word: string) => string): void {
  select.empty().append(words.map((word) => $("<option>", { value: word }).text(name(word))));
  select.val(words.includes(chosen) ? chosen : (words[0] ?? ""));
}

let lists = 0;

function labelled(
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
