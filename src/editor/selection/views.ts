import { fractionAsPercent, percentAsFraction } from "../percent.ts";
import { differences } from "./differences.ts";
import { entryOf, type Row, rowOf } from "./rows.ts";

/** A selection as the form's own fields show it. */
export interface ListView {
  readonly amount: "proportion" | "number";
  /** A share in percent, or a number of frames, as typed. */
  readonly size: string;
  readonly rows: readonly Row[];
}

/** A selection as Lightly's API takes it. */
export type Config = Readonly<Record<string, unknown>>;

/** The whole selection that a list stands for. */
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
 * The list that stands for a whole selection.
 *
 * @returns if a list can't show all of it, the paths of what it can't show: the selection has to stay JSON then
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
  // An empty list of tasks is sent in any case.
  const tasks = Array.isArray(autoTasks) && autoTasks.length === 0 ? {} : { autoTasks };
  const hidden = differences({ nSamples, proportionSamples, strategies, ...tasks, ...others }, configOf(view));
  return hidden.length === 0 ? { view } : { hidden };
}
