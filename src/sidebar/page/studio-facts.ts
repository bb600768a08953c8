import type { StepRecord } from "../../records/run-record.ts";
import { selectionOf } from "../../records/selections.ts";

/** What a step with LightlyStudio has done. */
interface StudioFacts {
  /** The numbers of videos and frames. */
  readonly counts?: Readonly<Record<string, number>>;
  /** URI of the database; absent if there is none. */
  readonly database?: string;
}

/** Returns the facts of a step that selects with LightlyStudio; `undefined` for other steps. */
export function studioFacts(step: StepRecord): StudioFacts | undefined {
  const { engine, database } = Object(step.result?.lightly) as { engine?: unknown; database?: unknown };
  if (step.role !== "select" || (step.result !== undefined && engine !== "studio")) {
    return undefined;
  }
  const [selection] = step.state === "completed" ? selectionOf(step) : [];
  return {
    ...(selection?.engine === "studio" && selection.counts && { counts: selection.counts }),
    ...(typeof database === "string" && /^s3:\/\/[^/]+\/./s.test(database) && { database }),
  };
}

/** The commands for a shell that show a database in the app of LightlyStudio. Its server has no login, so it listens on loopback only. */
export function studioCommands(database: string): { readonly fetch: string; readonly start: string } {
  return {
    fetch: `aws s3 cp ${quoted(database)} studio.duckdb`,
    start: "LIGHTLY_STUDIO_ANALYTICS_ENABLED=false lightly-studio gui --db-file studio.duckdb --host 127.0.0.1",
  };
}

/** One word for a shell, whatever it contains. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
