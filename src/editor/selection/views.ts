import { fractionAsPercent, percentAsFraction } from "../fields/percent.ts";
import { differences } from "./differences.ts";
import { entryOf, type Row, rowOf } from "./rows.ts";

/** A selection in the fields of the form. */
export interface ListView {
  readonly amount: "proportion" | "number";
  /** A share in percent, or a number of frames, as entered. */
  readonly size: string;
  readonly rows: readonly Row[];
}

/** A selection in the format of Lightly's API. */
export type Config = Readonly<Record<string, unknown>>;

/** Converts a list to a whole selection. */
export function configOf({ amount, size, rows }: ListView): Config {
  const strategies = rows.map(entryOf);
  const [key, text] =
    amount === "proportion" ? ["proportionSamples", percentAsFraction(size.trim())] : ["nSamples", size.trim()];
  if (text === "") {
    return { strategies };
  }
  const number = Number(text);
  return { [key]: Number.isFinite(number) ? number : text, strategies };
}

/**
 * Converts a whole selection to a list.
 *
 * @returns the list, or the paths of the parts that a list can't show: then the selection must stay JSON
 */
export function listViewOf(config: Config): { readonly view: ListView } | { readonly hidden: readonly string[] } {
  const { nSamples, proportionSamples, strategies, autoTasks, ...others } = config;
  if ((nSamples === undefined) === (proportionSamples === undefined)) {
    return { hidden: ["nSamples, proportionSamples"] };
  }
  const view: ListView = {
    ...(nSamples === undefined
      ? { amount: "proportion", size: fractionAsPercent(String(proportionSamples)) }
      : { amount: "number", size: String(nSamples) }),
    rows: Array.isArray(strategies) ? strategies.map(rowOf) : [],
  };
  // An empty list of tasks is always sent.
  const tasks = Array.isArray(autoTasks) && autoTasks.length === 0 ? {} : { autoTasks };
  const hidden = differences({ nSamples, proportionSamples, strategies, ...tasks, ...others }, configOf(view));
  return hidden.length === 0 ? { view } : { hidden };
}
