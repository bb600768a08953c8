import { DEFAULT_STRATEGIES } from "../../fields/selection.ts";
import { input, readThrough } from "../open-form.ts";
import { differences } from "./differences.ts";
import { explainRows, sentenceOf, type Translate } from "./explain.ts";
import { explainJson } from "./explain-json.ts";
import { parseConfig } from "./parse-config.ts";
import { entryOf, rowOf } from "./rows.ts";
import { openStrategyList, type StrategyList } from "./strategy-list.ts";
import { type Config, configOf, type ListView, listViewOf } from "./views.ts";

/** What the builder needs of the form around it. */
export interface SelectionBuilderOptions {
  /** The code editor of the property `selection`. */
  readonly json: CodeEditor;
  /** What stands in it as long as the list counts. */
  readonly template: string;
}

/** The selection in the open form. */
export interface SelectionBuilder {
  /** Puts the list where Node-RED takes it from. */
  save(): void;
}

/**
 * Shows a selection in two ways that stand for the same, as a list of strategies and as JSON; `amount` says which. Choosing the other
 * way turns what is there into it. A selection that the list can't show stays JSON, and the form says why.
 */
export function openSelectionBuilder(node: EditorNode, { json, template }: SelectionBuilderOptions): SelectionBuilder {
  const translate: Translate = (key, values) => node._(key, values);
  const amount = input("amount");
  const isJson = (): boolean => amount.val() === "json";
  const isTypedIn = (): boolean => input("selection").typedInput("type") === "json";

  const list = openStrategyList("strategies", translate, () => {
    sayListFaults(list, translate);
    // The form looks at its reasons when something in it has changed.
    input("strategies-list").trigger("change");
  });
  const stored: readonly unknown[] = Array.isArray(node.strategies) ? node.strategies : DEFAULT_STRATEGIES;
  const entries = (): unknown[] => list.read().map(entryOf);
  list.show(stored.map(rowOf));
  readThrough("strategies", entries);

  const sayJsonFaults = (): void => say("json", isJson() && isTypedIn() ? explainJson(json.getValue(), translate) : []);

  /** Turns the list into JSON, unless there is JSON from before that no list can show: it would be lost. */
  const showAsJson = (shown: ListView["amount"]): void => {
    if (isTypedIn() && listFrom(json.getValue()) !== undefined) {
      json.setValue(asText(configOf({ amount: shown, size: String(sizeOf(shown).val()), rows: list.read() })));
    }
  };
  /** Turns the JSON into a list if one can show it. A selection that comes from elsewhere stays there, for whoever goes back. */
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
    sayJsonFaults();
  });
  json.on("change", sayJsonFaults);
  input("selection").on("change", sayJsonFaults);
  $("#lightly-aws-show-json").on("click", () => {
    amount.val("json").trigger("change").trigger("focus");
  });
  $("#lightly-aws-show-list").on("click", () => {
    const found = isTypedIn() ? listFrom(json.getValue()) : "nothing";
    const chosen = found === undefined || found === "nothing" ? "proportion" : found.amount;
    amount.val(chosen).trigger("change").trigger("focus");
  });

  if (!isJson() && differences(stored, entries()).length > 0) {
    // The form did not write this; as a list it would lose what a list does not know.
    const size = configOf({ amount: amountOf(before), size: String(sizeOf(amountOf(before)).val()), rows: [] });
    json.setValue(asText({ ...size, strategies: stored }));
    before = "json";
    amount.val("json").trigger("change");
  }
  sayJsonFaults();
  return {
    save: () => {
      // A flow that has no list keeps having none as long as it means the same.
      if (node.strategies !== undefined || differences(DEFAULT_STRATEGIES, entries()).length > 0) {
        node.strategies = entries();
      }
    },
  };
}

/** The list that JSON text stands for, `nothing` if there is no text, `undefined` if no list can show it. */
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

/** The rows say themselves what is wrong with them; what is said here is about the list as a whole. */
function sayListFaults(list: StrategyList, translate: Translate): void {
  const found = explainRows(list.read()).filter(({ row }) => row === undefined);
  say(
    "strategies",
    found.map((problem) => sentenceOf(problem, translate)),
  );
}

function say(where: "strategies" | "json", sentences: readonly string[]): void {
  const lines = sentences.map((sentence) => $("<div>").text(sentence));
  $(`#lightly-aws-${where}-note`)
    .empty()
    .append(lines)
    .toggle(lines.length > 0);
}
