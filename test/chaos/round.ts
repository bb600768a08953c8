import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { PACKAGE_ROOT } from "../../scripts/local/package-root.ts";
import { checkRun, type Expectation, type Verdict } from "./check-run.ts";
import { awaitEnd } from "./ending.ts";
import { type Before, type Evidence, eventsSince, gather, lookBefore } from "./evidence.ts";
import type { VideoSize } from "./video-files.ts";
import type { World } from "./world.ts";

/** The result of a round. */
export interface RoundResult {
  readonly kind: string;
  readonly nr: number;
  readonly seed: number;
  /** What was done to the pipeline. */
  readonly what: string;
  readonly verdict: Verdict;
  readonly violations: readonly string[];
  readonly tookMs: number;
  /** From the (last) start after a kill to the end of the run. */
  readonly resumedMs?: number;
  /** The folder with the files for an analysis. */
  readonly keptIn?: string;
}

/** What was played. */
export interface Played {
  /** When the last start began, if there was one. */
  readonly restartedAt?: number;
  /** The state at the start of the checked part, if it is not the whole round. */
  readonly checkedFrom?: Before;
}

export interface RoundOptions {
  readonly world: World;
  readonly kind: string;
  readonly nr: number;
  readonly seed: number;
  readonly what: string;
  readonly video: VideoSize;
  readonly expectation: Expectation;
  readonly limitMs: number;
  /** Whether to keep the files of a failed round. */
  readonly keep: boolean;
  /** Triggers the run, and disturbs the pipeline. */
  readonly play: (before: Before) => Promise<Played | undefined>;
  /** Waits for the end. Default: until no step is running. */
  readonly end?: (before: Before) => Promise<Pick<Evidence, "ending" | "runs">>;
  /** Additional checks of the results. */
  readonly moreChecks?: (evidence: Evidence, world: World) => readonly string[];
}

/** Plays one round and checks it. After a failure the caller must clean up the world. */
export async function playRound(options: RoundOptions): Promise<RoundResult> {
  const { world, kind, nr, seed, what, video, expectation, limitMs } = options;
  await world.videos.offer(video);
  world.log = [];
  world.trace = [];
  world.crashed = false;
  const before = await lookBefore(world);
  const beganAt = Date.now();
  const end = (): Promise<Pick<Evidence, "ending" | "runs">> =>
    options.end?.(before) ?? awaitEnd(world, { before: before.runs, expected: expectation.runs, limitMs });
  let played: Played | undefined;
  let verdict: Verdict = "failed";
  let violations: readonly string[];
  let evidence: Evidence | undefined;
  try {
    played = await options.play(before);
    const ended = await end();
    evidence = await gather(world, played?.checkedFrom ?? before, { ...ended, video });
    const checked = checkRun(evidence, expectation);
    violations = [...checked.violations, ...(options.moreChecks?.(evidence, world) ?? [])];
    verdict = violations.length > 0 ? "failed" : checked.verdict;
  } catch (error) {
    violations = [error instanceof Error ? error.message : String(error)];
  }
  const endedAt = Date.now();
  const keptIn =
    options.keep && verdict === "failed" ? await keepState(options, before, evidence, violations) : undefined;
  return {
    kind,
    nr,
    seed,
    what: `${what}${video === "large" ? ", large video" : ""}`,
    verdict,
    violations,
    tookMs: endedAt - beganAt,
    ...(played?.restartedAt === undefined ? {} : { resumedMs: endedAt - played.restartedAt }),
    ...(keptIn === undefined ? {} : { keptIn }),
  };
}

/** Saves the journal, the sandbox's record and Node-RED's log in a folder for the round. */
async function keepState(
  { world, kind, nr, seed, what }: RoundOptions,
  before: Before,
  evidence: Evidence | undefined,
  violations: readonly string[],
): Promise<string> {
  const folder = join(PACKAGE_ROOT, ".sandbox", "chaos", `${seed}-${kind}-${nr}`);
  await mkdir(folder, { recursive: true });
  const lines = (list: readonly unknown[]): string => list.map((item) => `${JSON.stringify(item)}\n`).join("");
  await cp(world.journalDir, join(folder, "journal"), { recursive: true }).catch(() => undefined);
  await writeFile(join(folder, "events.jsonl"), lines(eventsSince(world, before)));
  await writeFile(join(folder, "requests.jsonl"), lines(world.trace));
  await writeFile(join(folder, "node-red.log"), `${world.log.join("\n")}\n`);
  await writeFile(join(folder, "verdict.json"), `${JSON.stringify({ what, violations, evidence }, null, 2)}\n`);
  return folder;
}

/** Waits for something that the harness itself has caused. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, limitMs: number): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() >= deadline) {
      throw new Error(`${what} did not happen within ${limitMs / 1000} s`);
    }
    await pause(10);
  }
}
