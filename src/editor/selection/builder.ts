import { DEFAULT_STRATEGIES } from "../../fields/default-strategies.ts";
import { input, readThrough } from "../open-form.ts";
import { differences } from "./differences.ts";
import { explainRows, sentenceOf, type Translate } from "./explain.ts";
import { explainJson } from "./explain-json.ts";
import { parseConfig } from "./parse-config.ts";
import type { Refusals } from "./refusals.ts";
import { entryOf, rowOf } from "./rows.ts";
import { openStrategyList, type StrategyList } from "./strategy-list.ts";
import { type Config, configOf, type ListView, listViewOf } from "./views.ts";

/** The parts of the form that the builder needs. */
export interface SelectionBuilderOptions {
  /** The code editor of the property `selection`. */
  readonly json: CodeEditor;
  /** The text of the code editor while the list is used. */
  readonly template: string;
  readonly refusals?: Refusals | undefined;
}

/** The selection in the open form. */
export interface SelectionBuilder {
  /** Copies the list to the input that Node-RED reads. */
  save(): void;
}

/**
 * Shows a selection in one of two equivalent views, a list of strategies or JSON, depending on `amount`. When the user chooses the other
 * view, the selection is converted. A selection that the list can't show stays JSON, and the form shows why.
 */
export function openSelectionBuilder(node: EditorNode, options: SelectionBuilderOptions): SelectionBuilder {
  const { json, template, refusals } = options;
  const translate: Translate = (key, values) => node._(key, values);
  const amount = input("amount");
  const isJson = (): boolean => amount.val() === "json";
  const isTypedIn = (): boolean => input("selection").typedInput("type") === "json";

  const list = openStrategyList("strategies", {
    translate,
    refusals,
    onChange: () => {
      showListFaults(list, translate);
      // The form updates its reasons on each change event.
      input("strategies-list").trigger("change");
    },
  });
  const stored: readonly unknown[] = Array.isArray(node.strategies) ? node.strategies : DEFAULT_STRATEGIES;
  const entries = (): unknown[] => list.read().map(entryOf);
  list.show(stored.map(rowOf));
  readThrough("strategies", entries);

  const showJsonFaults = (): void =>
    showSentences("json", isJson() && isTypedIn() ? explainJson(json.getValue(), translate, refusals) : []);

  /** Converts the list to JSON, unless there is JSON that the list can't show, which would be lost. */
  const showAsJson = (shown: ListView["amount"]): void => {
    if (isTypedIn() && listFrom(json.getValue()) !== undefined) {
      json.setValue(asText(configOf({ amount: shown, size: String(sizeOf(shown).val()), rows: list.read() })));
    }
  };
  /** Converts the JSON to a list if possible. A selection of another type, such as `msg`, is not changed, so that the user can return to it. */
  const showAsList = (): boolean => {
    const found = isTypedIn() ? listFrom(json.getValue()) : "nothing";
    if (found !== undefined && found !== "nothing") {
      sizeOf(found.amount).val(found.size).trigger("change");
      list.show(found.rows);
      json.setValue(template);
    }
    return found !== undefined;
  };

  let before = String(amount.val());
  amount.on("change", () => {
    const after = String(amount.val());
    if (after === "json" && before !== "json") {
      showAsJson(amountOf(before));
    } else if (after !== "json" && before === "json" && !showAsList()) {
      amount.val("json").trigger("change");
      return;
    }
    before = after;
    showJsonFaults();
  });
  json.on("change", showJsonFaults);
  input("selection").on("change", showJsonFaults);
  $("#lightly-aws-show-json").on("click", () => {
    amount.val("json").trigger("change").trigger("focus");
  });
  $("#lightly-aws-show-list").on("click", () => {
    const found = isTypedIn() ? listFrom(json.getValue()) : "nothing";
    const chosen = found === undefined || found === "nothing" ? "proportion" : found.amount;
    amount.val(chosen).trigger("change").trigger("focus");
  });

  if (!isJson() && differences(stored, entries()).length > 0) {
    // The form has not written this JSON: a list would lose the members that it does not support.
    const size = configOf({ amount: amountOf(before), size: String(sizeOf(amountOf(before)).val()), rows: [] });
    json.setValue(asText({ ...size, strategies: stored }));
    before = "json";
    amount.val("json").trigger("change");
  }
  showJsonFaults();
  return {
    save: () => {
      // A flow without a list is not changed as long as the list means the same.
      if (node.strategies !== undefined || differences(DEFAULT_STRATEGIES, entries()).length > 0) {
        node.strategies = entries();
      }
    },
  };
}

/** Converts JSON text to a list. Returns `nothing` if there is no text, `undefined` if no list can show it. */
function listFrom(text: string): ListView | "nothing" | undefined {
  if (text.trim() === "") {
    return "nothing";
  }
  const parsed = parseConfig(text);
  const found = "config" in parsed ? listViewOf(parsed.config) : parsed;
  return "view" in found ? found.view : undefined;
}

function amountOf(choice: string): ListView["amount"] {
  return choice === "number" ? "number" : "proportion";
}

function sizeOf(amount: ListView["amount"]): JQuery {
  return input(amount === "number" ? "count" : "proportion");
}

function asText(config: Config): string {
  return JSON.stringify(config, null, 2);
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
