import { ownEntry } from "../../errors/own-entry.ts";
import { isSource } from "../../services/lightly/selection/selection-pairs.ts";
import { explainRow, sentenceOf, type Translate } from "./explain.ts";
import { isUseless, type Refusals } from "./refusals.ts";
import { type Row, shownFields } from "./rows.ts";
import { choice, fillChoice, labeled, value } from "./strategy-controls.ts";
import { nameOf, strategiesOf } from "./strategy-fields.ts";
import { MEANINGS, SOURCES, STRATEGIES } from "./words.ts";

/** What the rows of a list share. */
export interface StrategyRowOptions {
  readonly translate: Translate;
  readonly refusals?: Refusals | undefined;
  readonly onChange: () => void;
}

/** A row of the list in the open form: the choices and fields of one strategy. */
export class StrategyRow {
  readonly #row: JQuery;
  readonly #options: StrategyRowOptions;
  readonly #source: JQuery;
  readonly #strategy: JQuery;
  readonly #fields = $("<div>", { class: "lightly-aws-fields" });
  readonly #meaning = $("<div>", { class: "lightly-aws-meaning" });
  readonly #problems = $("<div>", { class: "lightly-aws-problem", "aria-live": "polite" });
  /** The text of a hidden field is kept, and shown again with the field. */
  readonly #texts: Record<string, string>;

  /** Adds the choices and fields of a strategy to `row`. */
  constructor(row: JQuery, first: Row, options: StrategyRowOptions) {
    const { translate } = options;
    this.#row = row;
    this.#options = options;
    this.#texts = { ...first.texts };
    this.#source = choice(translate("lightly-aws.selection.builder.source"));
    this.#strategy = choice(translate("lightly-aws.selection.builder.strategy"));
    this.#offerSources(first.source);
    this.#offerStrategies(first.strategy);
    this.#showFields();
    const pair = $("<div>", { class: "lightly-aws-pair" }).append(this.#source, this.#strategy);
    row.addClass("lightly-aws-strategy").attr("role", "group");
    row.append(pair, this.#meaning, this.#fields, this.#problems);
    this.#explain();
    this.#source.on("change", () => {
      const allowed: readonly string[] = strategiesOf(value(this.#source));
      const before = value(this.#strategy);
      this.#offerStrategies(allowed.includes(before) ? before : (allowed[0] ?? ""));
      this.#showFields();
      this.#explain();
    });
    this.#strategy.on("change", () => {
      this.#showFields();
      this.#explain();
    });
  }

  read(): Row {
    return { source: value(this.#source), strategy: value(this.#strategy), texts: this.#texts };
  }

  focus(): void {
    this.#source.trigger("focus");
  }

  /** Updates the number of the row. */
  number(index: number): void {
    const name = this.#options.translate("lightly-aws.selection.builder.row", { number: index + 1 });
    this.#row.attr("aria-label", name);
  }

  #offerSources(chosen: string): void {
    const sources = Object.keys(SOURCES);
    const offered = chosen === "" || isSource(chosen) ? sources : [...sources, chosen];
    fillChoice(this.#source, offered, chosen, (word) => this.#wordOf(SOURCES, word));
  }

  #offerStrategies(chosen: string): void {
    const allowed: readonly string[] = strategiesOf(value(this.#source));
    const offered = chosen === "" || allowed.includes(chosen) ? allowed : [...allowed, chosen];
    fillChoice(this.#strategy, offered, chosen, (word) => this.#wordOf(STRATEGIES, word));
  }

  /** Shows the fields that the chosen strategy has. */
  #showFields(): void {
    const { translate, refusals } = this.#options;
    const key = ownEntry(MEANINGS, value(this.#strategy));
    this.#meaning.text(key === undefined ? "" : translate(key));
    this.#fields.empty();
    for (const field of shownFields(this.read()).filter((one) => !isUseless(one, this.read(), refusals))) {
      const written = (text: string): void => {
        this.#texts[nameOf(field)] = text;
        if (field.kind === "choice") {
          // The choice determines the other fields.
          this.#showFields();
          this.#fields.find(`[data-field="${nameOf(field)}"] select`).trigger("focus");
        }
        this.#explain();
      };
      this.#fields.append(labeled(field, this.#texts, translate, written));
    }
  }

  /** Shows the problems of the row. */
  #explain(): void {
    const { translate, refusals, onChange } = this.#options;
    const found = explainRow(this.read(), refusals);
    const wrong = new Set(found.map(({ label }) => label));
    for (const label of this.#fields.children().toArray()) {
      const isWrong = wrong.has(label.dataset.label);
      $(label)
        .find("input, select, textarea")
        .toggleClass("input-error", isWrong)
        .attr("aria-invalid", String(isWrong));
    }
    // A problem without a field is one of the pair.
    this.#strategy.toggleClass(
      "input-error",
      found.some(({ label }) => label === undefined),
    );
    this.#problems.empty().append(found.map((problem) => $("<div>").text(sentenceOf(problem, translate))));
    this.#problems.toggle(found.length > 0);
    onChange();
  }

  #wordOf(table: Readonly<Record<string, string>>, word: string): string {
    const key = ownEntry(table, word);
    return key === undefined ? word : this.#options.translate(key);
  }
}
