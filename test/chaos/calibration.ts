import type { RunRecord } from "../../src/records/run-record.ts";
import type { Expectation } from "./check-run.ts";
import { watchJournal } from "./moment.ts";
import { playRound } from "./round.ts";
import type { VideoSize } from "./video-files.ts";
import type { World } from "./world.ts";

/** The properties of an undisturbed run. */
export interface Calibration {
  readonly video: VideoSize;
  /** See {@link describeEnd}. */
  readonly end: string;
  /** From the trigger to the end of the run. */
  readonly lengthMs: number;
  readonly journalWrites: number;
  /** How many of them had been made when the stop step started. */
  readonly writesBeforeStop: number;
  /** The number of requests of each operation, ordered by name. */
  readonly operations: ReadonlyArray<{ readonly service: string; readonly operation: string; readonly count: number }>;
}

/** Measures one undisturbed run, by default one that completes. @throws Error if it ends otherwise */
export async function calibrate(
  world: World,
  video: VideoSize,
  expectation: Expectation = { runs: 1, outcome: "completed" },
): Promise<Calibration> {
  const writes: number[] = [];
  const forget = watchJournal(world.journalDir, ({ phase }) => {
    if (phase === "done") {
      writes.push(Date.now());
    }
  });
  let stopBegan = 0;
  let end = "";
  let endedAt = 0;
  let triggeredAt = 0;
  const result = await playRound({
    world,
    kind: "calibration",
    nr: 0,
    seed: 0,
    what: "nothing",
    video,
    expectation,
    limitMs: 30_000,
    keep: false,
    play: async () => {
      triggeredAt = Date.now();
      await world.trigger();
      return undefined;
    },
    moreChecks: ({ runs }) => {
      end = runs.map(describeEnd).join("; ");
      const stops = runs.flatMap(({ steps }) => steps.filter(({ type }) => type === "lightly-ec2-stop"));
      stopBegan = Math.min(...stops.map(({ startedAt }) => startedAt));
      endedAt = Math.max(...runs.map((run) => run.endedAt ?? 0));
      return [];
    },
  });
  forget();
  if (result.verdict !== "passed") {
    throw new Error(`A run without faults fails: ${result.violations.join("; ")}\n${world.log.join("\n")}`);
  }
  return {
    video,
    end,
    lengthMs: endedAt - triggeredAt,
    journalWrites: writes.length,
    writesBeforeStop: writes.filter((at) => at <= stopBegan).length,
    operations: operationsOf(world),
  };
}

/** The end of a run: `completed`, `failed S3_ACCESS_DENIED`. */
export function describeEnd({ state, error }: RunRecord): string {
  return error === undefined ? state : `${state} ${error.code}`;
}

function operationsOf({ trace }: World): Calibration["operations"] {
  const counts = new Map<string, { service: string; operation: string; count: number }>();
  for (const { service, operation, phase } of trace) {
    if (phase === "arrived") {
      const key = `${service} ${operation}`;
      const known = counts.get(key) ?? { service, operation, count: 0 };
      counts.set(key, { ...known, count: known.count + 1 });
    }
  }
  return [...counts.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, counted]) => counted);
}

/** Whether an operation changes something: only then a lost response matters. */
export function isChange(operation: string): boolean {
  return !/^(?:GET |HEAD |Get|Head|List|Describe)/.test(operation);
}
