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
  const refusal = refusals?.ofStrategy(entryOf(withText(sampleOf(field))));
  return (
    (row.texts[name] ?? "").trim() === "" &&
    refusal !== undefined &&
    refusal !== refusals?.ofStrategy(entryOf(withText("")))
  );
}

/** A text that stands for any value. */
function sampleOf({ kind, suggestions }: StrategyField): string {
  return suggestions?.[0] ?? (kind === "number" ? "1" : "a: 1");
}
