import { type Entry, entryOf, type Row } from "./rows.ts";
import { nameOf, type StrategyField } from "./strategy-fields.ts";
import type { Config } from "./views.ts";

/** What an engine can't do of the selections of Lightly's API: keys of reasons. */
export interface Refusals {
  readonly ofStrategy: (entry: Entry) => string | undefined;
  /** Of the other parts of a selection. */
  readonly ofConfig: (config: Config) => readonly string[];
}

/** Returns whether an engine refuses a strategy because of a field, whatever its value is. A blank field then has no use. */
export function isUseless(field: StrategyField, row: Row, refusals: Refusals | undefined): boolean {
  const name = nameOf(field);
  const withText = (text: string): Row => ({ ...row, texts: { ...row.texts, [name]: text } });
  return (
    refusals !== undefined &&
    (row.texts[name] ?? "").trim() === "" &&
    refusals.ofStrategy(entryOf(withText(""))) === undefined &&
    refusals.ofStrategy(entryOf(withText(sampleOf(field)))) !== undefined
  );
}

/** A text that stands for any value. */
function sampleOf({ kind }: StrategyField): string {
  return kind === "number" ? "1" : "a: 1";
}
