import { ownEntry } from "../../errors/own-entry.ts";
import type { Reason } from "../../fields/rules/rule.ts";
import { SELECTION_V4 } from "../../services/lightly/selection/selection-rules.ts";
import { findFaults } from "../../services/lightly/validation/schema-rule.ts";
import { type Row, rowOf, shownFields } from "./rows.ts";
import { nameOf, type StrategyField, strategiesOf } from "./strategy-fields.ts";
import type { Config } from "./views.ts";
import { SOURCES, STRATEGIES } from "./words.ts";

/** What is wrong with a selection. */
export interface Problem {
  /** The row, from 0; absent if it is about none in particular. */
  readonly row?: number;
  /** Of which field, as a key of the catalogue. */
  readonly label?: string;
  readonly reason: Reason;
  /** Values of the reason that are keys of the catalogue themselves. */
  readonly words?: Readonly<Record<string, readonly string[]>>;
}

/** What a field may hold instead of its value: the runtime replaces it by a variable of the environment. */
const VARIABLE = /^\$[{(][^})]+[})]$/;

/** What is wrong with the rows of a list, before anything is sent. */
export function explainRows(rows: readonly Row[]): readonly Problem[] {
  return rows.length === 0
    ? [{ reason: { key: "strategyMissing" } }]
    : rows.flatMap((row, index) => explainRow(row).map((problem) => ({ row: index, ...problem })));
}

/** What is wrong with a whole selection: in the words of the form, or else in those of the rules of Lightly's API. */
export function explainConfig(config: Config): readonly Problem[] {
  const problems = Array.isArray(config.strategies) ? explainRows(config.strategies.map(rowOf)) : [];
  if (problems.length > 0) {
    return problems;
  }
  return findFaults(SELECTION_V4, config).map(({ path, problem }) => ({
    reason: { key: "refused", values: { fault: `${path} ${problem}`.trim() } },
  }));
}

/** What is wrong with one row. Words that are no input and no strategy are left to the rules of the API. */
export function explainRow(row: Row): readonly Problem[] {
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
  const problems = shownFields(row).flatMap((field) => {
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

/** A range whose end is before its start can't be met. */
function explainRange({ strategy, texts }: Row): readonly Problem[] {
  if (strategy !== "WEIGHTS") {
    return [];
  }
  const min = Number(texts["strategy.targetRange.minSum"] || Number.NaN);
  const max = Number(texts["strategy.targetRange.maxSum"] || Number.NaN);
  return min > max ? [{ label: "lightly-run.field.maxSum", reason: { key: "numberMin", values: { min } } }] : [];
}

/** Looks up a key of the catalogue. */
export type Translate = (key: string, values?: Readonly<Record<string, unknown>>) => string;

/** A problem as a sentence: which strategy, which field, what about it. */
export function sentenceOf({ row, label, reason, words = {} }: Problem, translate: Translate): string {
  const spoken = Object.entries(words).map(([name, keys]) => [name, keys.map((key) => translate(key)).join(", ")]);
  const text = translate(`lightly-aws.reason.${reason.key}`, { ...reason.values, ...Object.fromEntries(spoken) });
  const parts = [
    row === undefined ? undefined : translate("lightly-run.builder.row", { number: row + 1 }),
    label === undefined ? undefined : translate(label),
    text,
  ];
  return parts.filter((part) => part !== undefined).join(": ");
}
