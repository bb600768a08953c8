import type { RoundResult } from "./round.ts";

/** The maximum share, and minimum number, of rounds without a run because the trigger was lost. */
const NOT_STARTED_SHARE = 0.1;
const NOT_STARTED_OF_FEW = 1;

/** One line for a round, with its violations. */
export function roundLine({ kind, nr, seed, what, verdict, violations, tookMs, keptIn }: RoundResult): string {
  const mark = { passed: "ok  ", "not started": "--  ", failed: "FAIL" }[verdict];
  const time = `${(tookMs / 1000).toFixed(1)} s`;
  const why = violations.length > 0 ? `: ${violations.join("; ")}` : verdict === "passed" ? "" : ": not started";
  const place = verdict !== "failed" ? "" : ` (seed ${seed}${keptIn === undefined ? "" : `, kept in ${keptIn}`})`;
  return `${mark} ${kind} ${nr} [${what}] ${time}${why}${place}`;
}

/** One line for each kind. */
export function summary(results: readonly RoundResult[], totalMs: number): string {
  const kinds = [...new Set(results.map(({ kind }) => kind))];
  const rows = kinds.map((kind) => {
    const own = results.filter((result) => result.kind === kind);
    const count = (verdict: string): number => own.filter((result) => result.verdict === verdict).length;
    const resumed = own.flatMap(({ resumedMs }) => (resumedMs === undefined ? [] : [resumedMs]));
    return [
      kind,
      String(own.length),
      String(count("passed")),
      String(count("not started")),
      String(count("failed")),
      resumed.length === 0 ? "-" : seconds(Math.max(...resumed)),
      seconds(Math.max(...own.map(({ tookMs }) => tookMs))),
    ];
  });
  const table = [["kind", "rounds", "passed", "not started", "failed", "slowest resume", "slowest round"], ...rows];
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  "),
  );
  return [...lines, `${results.length} rounds in ${seconds(totalMs)}`].join("\n");
}

/** The reasons of a failure, in sentences. */
export function complaints(results: readonly RoundResult[]): string[] {
  const failed = results.filter(({ verdict }) => verdict === "failed").length;
  const notStarted = results.filter(({ verdict }) => verdict === "not started").length;
  const allowed = Math.max(NOT_STARTED_OF_FEW, Math.floor(results.length * NOT_STARTED_SHARE));
  return [
    ...(results.length === 0 ? ["No round was played."] : []),
    ...(failed > 0 ? [`${failed} of ${results.length} rounds failed.`] : []),
    ...(notStarted > allowed ? [`${notStarted} rounds have not started, where ${allowed} may.`] : []),
  ];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
