import type { Figure } from "./benchmark.ts";

/** The summary of a figure's values. */
export interface Summary {
  readonly n: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Median (for an even number of values the mean of the middle two), minimum and maximum. */
export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return {
    n: sorted.length,
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  };
}

/** Whether a figure's median reaches its goal; undefined when it has none. */
export function isReached({ values, goal }: Figure): boolean | undefined {
  const { median } = summarize(values);
  return goal && ("most" in goal ? median <= goal.most : median >= goal.least);
}

/** Figures as a text table. */
export function table(figures: readonly Figure[]): string {
  const rows = [["", "n", "median", "min", "max", "", "goal"], ...figures.map(row)];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0))) ?? [];
  return rows
    .map((cells) => cells.map((cell, column) => aligned(cell, widths[column] ?? 0, column)).join("  "))
    .map((line) => `  ${line.trimEnd()}`)
    .join("\n");
}

function row(figure: Figure): string[] {
  const { n, median, min, max } = summarize(figure.values);
  return [figure.name, String(n), ...[median, min, max].map(formatNumber), figure.unit, goalText(figure)];
}

function goalText(figure: Figure): string {
  const { goal } = figure;
  if (goal === undefined) {
    return "";
  }
  const limit = "most" in goal ? `<= ${goal.most}` : `>= ${goal.least}`;
  return `${limit}  ${isReached(figure) ? "reached" : "MISSED"}`;
}

function formatNumber(value: number): string {
  return value.toFixed(Math.abs(value) < 10 && !Number.isInteger(value) ? 2 : Math.abs(value) < 100 ? 1 : 0);
}

/** Numbers are right-aligned. */
function aligned(cell: string, width: number, column: number): string {
  return column >= 1 && column <= 4 ? cell.padStart(width) : cell.padEnd(width);
}
