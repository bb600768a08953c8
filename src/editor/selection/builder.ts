import { DEFAULT_STRATEGIES } from "../../fields/default-strategies.ts";
import { input, readThrough } from "../open-form.ts";
import { differences } from "./differences.ts";
import { explainRows, sentenceOf, type Translate } from "./explain.ts";
import { explainJson } from "./explain-json.ts";
import { asText, listFrom } from "./json-to-list.ts";
import type { Refusals } from "./refusals.ts";
import { entryOf, rowOf } from "./rows.ts";
import { openStrategyList, type StrategyList } from "./strategy-list.ts";
import { configOf, type ListView } from "./views.ts";

/** The parts of the form that the builder needs. */
export interface SelectionBuilderOptions {
  /** The code editor of the property `selection`. */
  readonly json: CodeEditor;
  /** The text of the code editor while the list is used. */
  readonly template: string;
  readonly refusals?: Refusals | undefined;
}

/**
 * Shows the selection of the open form in one of two equivalent views, a list of strategies or JSON, depending on `amount`. When the user
 * chooses the other view, the selection is converted. A selection that the list can't show stays JSON, and the form shows why.
 */
export class SelectionBuilder {
  readonly #node: EditorNode;
  readonly #options: SelectionBuilderOptions;
  readonly #translate: Translate;
  readonly #amount: JQuery;
  readonly #list: StrategyList;
  /** The choice of `amount` whose view is shown. */
  #shown: string;

  constructor(node: EditorNode, options: SelectionBuilderOptions) {
    const { json, refusals } = options;
    this.#node = node;
    this.#options = options;
    this.#translate = (key, values) => node._(key, values);
    this.#amount = input(node, "amount");
    this.#shown = String(this.#amount.val());
    this.#list = openStrategyList(node, "strategies", {
      translate: this.#translate,
      refusals,
      onChange: () => this.#listChanged(),
    });
    const stored: readonly unknown[] = Array.isArray(node.strategies) ? node.strategies : DEFAULT_STRATEGIES;
    this.#list.show(stored.map(rowOf));
    readThrough(node, "strategies", () => this.#entries());

    this.#amount.on("change", () => this.#amountChanged());
    json.on("change", () => this.#showJsonFaults());
    input(node, "selection").on("change", () => this.#showJsonFaults());
    $("#lightly-aws-show-json").on("click", () => this.#choose("json"));
    $("#lightly-aws-show-list").on("click", () => {
      const found = this.#listInJson();
      this.#choose(found === undefined || found === "nothing" ? "proportion" : found.amount);
    });
    this.#keepUnknownMembers(stored);
    this.#showJsonFaults();
  }

  /** Copies the list to the input that Node-RED reads. A flow without a list is not changed as long as the list means the same. */
  save(): void {
    if (this.#node.strategies !== undefined || differences(DEFAULT_STRATEGIES, this.#entries()).length > 0) {
      this.#node.strategies = this.#entries();
    }
  }

  #entries(): unknown[] {
    return this.#list.read().map(entryOf);
  }

  #listChanged(): void {
    showListFaults(this.#list, this.#translate);
    // The form updates its reasons on each change event.
    input(this.#node, "strategies-list").trigger("change");
  }

  #choose(amount: string): void {
    this.#amount.val(amount).trigger("change").trigger("focus");
  }

  #amountChanged(): void {
    const after = String(this.#amount.val());
    if (after === "json" && this.#shown !== "json") {
      this.#showAsJson(amountOf(this.#shown));
    } else if (after !== "json" && this.#shown === "json" && !this.#showAsList()) {
      this.#amount.val("json").trigger("change");
      return;
    }
    this.#shown = after;
    this.#showJsonFaults();
  }

  /** Converts the list to JSON, unless there is JSON that the list can't show, which would be lost. */
  #showAsJson(shown: ListView["amount"]): void {
    const { json } = this.#options;
    if (this.#isTypedIn && listFrom(json.getValue()) !== undefined) {
      json.setValue(
        asText(configOf({ amount: shown, size: String(this.#sizeOf(shown).val()), rows: this.#list.read() })),
      );
    }
  }

  /** Converts the JSON to a list if possible. A selection of another type, such as `msg`, is not changed, so that the user can return to it. */
  #showAsList(): boolean {
    const found = this.#listInJson();
    if (found !== undefined && found !== "nothing") {
      this.#sizeOf(found.amount).val(found.size).trigger("change");
      this.#list.show(found.rows);
      this.#options.json.setValue(this.#options.template);
    }
    return found !== undefined;
  }

  #listInJson(): ListView | "nothing" | undefined {
    return this.#isTypedIn ? listFrom(this.#options.json.getValue()) : "nothing";
  }

  /** Shows stored strategies that this form has not written as JSON: a list would lose the members that it does not support. */
  #keepUnknownMembers(stored: readonly unknown[]): void {
    if (this.#isJson || differences(stored, this.#entries()).length === 0) {
      return;
    }
    const amount = amountOf(this.#shown);
    const size = configOf({ amount, size: String(this.#sizeOf(amount).val()), rows: [] });
    this.#options.json.setValue(asText({ ...size, strategies: stored }));
    this.#shown = "json";
    this.#amount.val("json").trigger("change");
  }

  #showJsonFaults(): void {
    const { json, refusals } = this.#options;
    const isUsed = this.#isJson && this.#isTypedIn;
    showSentences("json", isUsed ? explainJson(json.getValue(), this.#translate, refusals) : []);
  }

  get #isJson(): boolean {
    return this.#amount.val() === "json";
  }

  /** Whether the JSON is in the form, and not in a message or a variable. */
  get #isTypedIn(): boolean {
    return input(this.#node, "selection").typedInput("type") === "json";
  }

  #sizeOf(amount: ListView["amount"]): JQuery {
    return input(this.#node, amount === "number" ? "count" : "proportion");
  }
}

function amountOf(choice: string): ListView["amount"] {
  return choice === "number" ? "number" : "proportion";
}

/** Shows the problems of the list as a whole. Rows show their own problems. */
function showListFaults(list: StrategyList, translate: Translate): void {
  const found = explainRows(list.read()).filter(({ row }) => row === undefined);
  showSentences(
    "strategies",
    found.map((problem) => sentenceOf(problem, translate)),
  );
}

function showSentences(where: "strategies" | "json", sentences: readonly string[]): void {
  const lines = sentences.map((sentence) => $("<div>").text(sentence));
  $(`#lightly-aws-${where}-note`)
    .empty()
    .append(lines)
    .toggle(lines.length > 0);
}
