import { ownEntry } from "../../errors/own-entry.ts";
import type { Reason } from "../../fields/rules/rule.ts";
import { SELECTION_V4 } from "../../services/lightly/selection/selection-rules.ts";
import { findFaults } from "../../services/lightly/validation/schema-rule.ts";
import { isUseless, type Refusals } from "./refusals.ts";
import { type Entry, entryOf, type Row, rowOf, shownFields } from "./rows.ts";
import { nameOf, type StrategyField, strategiesOf } from "./strategy-fields.ts";
import type { Config } from "./views.ts";
import { SOURCES, STRATEGIES } from "./words.ts";

/** A problem in a selection. */
export interface Problem {
  /** The index of the row; absent if the problem concerns no particular row. */
  readonly row?: number;
  /** The label of the field, as a key of the catalog. */
  readonly label?: string;
  readonly reason: Reason;
  /** Values of the reason that are keys of the catalog too. */
  readonly words?: Readonly<Record<string, readonly string[]>>;
}

/** A reference to an environment variable, which the runtime replaces by its value. */
const VARIABLE = /^\$[{(][^})]+[})]$/;

/** Returns the problems in the rows of a list. */
export function explainRows(rows: readonly Row[], refusals?: Refusals): readonly Problem[] {
  return rows.length === 0
    ? [{ reason: { key: "strategyMissing" } }]
    : rows.flatMap((row, index) => explainRow(row, refusals).map((problem) => ({ row: index, ...problem })));
}

/** Returns the problems in a whole selection, in the words of the form or of the rules of Lightly's API. */
export function explainConfig(config: Config, refusals?: Refusals): readonly Problem[] {
  const problems = [
    ...(Array.isArray(config.strategies) ? explainEntries(config.strategies, refusals) : []),
    ...(refusals?.ofConfig(config) ?? []).map((key) => ({ reason: { key } })),
  ];
  if (problems.length > 0) {
    return problems;
  }
  return findFaults(SELECTION_V4, config).map(({ path, problem }) => ({
    reason: { key: "refused", values: { fault: `${path} ${problem}`.trim() } },
  }));
}

/** The entries may have members that a row can't show. */
function explainEntries(entries: readonly unknown[], refusals?: Refusals): readonly Problem[] {
  const refused = entries.flatMap((entry, row) => {
    const { input, strategy } = Object(entry) as Partial<Entry>;
    const key = refusals?.ofStrategy({ input: Object(input), strategy: Object(strategy) });
    return key === undefined ? [] : [{ row, reason: { key } }];
  });
  return refused.length > 0 ? refused : explainRows(entries.map(rowOf), refusals);
}

/** Returns the problems in a row. Unknown inputs and strategies are checked by the rules of the API. */
export function explainRow(row: Row, refusals?: Refusals): readonly Problem[] {
  const source = ownEntry(SOURCES, row.source);
  const strategy = ownEntry(STRATEGIES, row.strategy);
  if (source === undefined || strategy === undefined) {
    return [];
  }
  const allowed = strategiesOf(row.source);
  if (!allowed.some((candidate) => candidate === row.strategy)) {
    const words = { input: [source], strategy: [strategy], allowed: allowed.map((word) => STRATEGIES[word]) };
    return [{ reason: { key: "strategyPair" }, words }];
  }
  const refusal = refusals?.ofStrategy(entryOf(row));
  if (refusal !== undefined) {
    return [{ reason: { key: refusal } }];
  }
  const used = shownFields(row).filter((field) => !isUseless(field, row, refusals));
  const problems = used.flatMap((field) => {
    const reason = explainField(field, row.texts[nameOf(field)] ?? "");
    return reason === undefined ? [] : [{ label: field.label, reason }];
  });
  return [...problems, ...explainRange(row)];
}

function explainField({ kind, required, rule, choices }: StrategyField, typed: string): Reason | undefined {
  const text = typed.trim();
  if (text === "") {
    return required ? { key: "missing" } : undefined;
  }
  if (kind === "text" && VARIABLE.test(text)) {
    return undefined;
  }
  if (kind === "number" && !Number.isFinite(Number(text))) {
    return { key: "number" };
  }
  const lines = text.split("\n").map((line) => line.trim());
  const isTwice =
    (kind === "lines" && hasTwice(lines)) ||
    (kind === "shares" && hasTwice(lines.map((line) => line.replace(/(?<!\s)\s*:[^:]*$/, ""))));
  if (isTwice) {
    return { key: "linesTwice" };
  }
  if (choices && !choices.some(([value]) => value === text)) {
    return { key: "choice" };
  }
  return rule?.(text);
}

function hasTwice(lines: readonly string[]): boolean {
  const filled = lines.filter((line) => line !== "");
  return new Set(filled).size < filled.length;
}

/** A range must not end before its start. */
function explainRange({ strategy, texts }: Row): readonly Problem[] {
  if (strategy !== "WEIGHTS") {
    return [];
  }
  const min = Number(texts["strategy.targetRange.minSum"] || Number.NaN);
  const max = Number(texts["strategy.targetRange.maxSum"] || Number.NaN);
  return min > max
    ? [{ label: "lightly-aws.selection.field.maxSum", reason: { key: "numberMin", values: { min } } }]
    : [];
}

/** Looks up a key of the catalog. */
export type Translate = (key: string, values?: Readonly<Record<string, unknown>>) => string;

/** Formats a problem as a sentence: which strategy, which field, and the reason. */
export function sentenceOf({ row, label, reason, words = {} }: Problem, translate: Translate): string {
  const translated = Object.entries(words).map(([name, keys]) => [name, keys.map((key) => translate(key)).join(", ")]);
  const text = translate(`lightly-aws.reason.${reason.key}`, { ...reason.values, ...Object.fromEntries(translated) });
  const parts = [
    row === undefined ? undefined : translate("lightly-aws.selection.builder.row", { number: row + 1 }),
    label === undefined ? undefined : translate(label),
    text,
  ];
  return parts.filter((part) => part !== undefined).join(": ");
}
