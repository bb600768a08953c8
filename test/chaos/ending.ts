import { setTimeout as pause } from "node:timers/promises";
import type { RunRecord } from "../../src/runs/records/run-record.ts";
import type { World } from "./world.ts";

/**
 * How waiting for a round's runs ended: they are `over`; Node-RED knows fewer than were asked for and does nothing (`unknown`);
 * something of them still worked at the `limit`; or Node-RED `crashed`.
 */
export type Ending = "over" | "unknown" | "limit" | "crashed";

export interface EndOptions {
  /** Runs of earlier rounds. */
  readonly before: ReadonlySet<string>;
  /** How many runs the round has asked for. */
  readonly expected: number;
  readonly limitMs: number;
  /** Ends the wait early; the answer means nothing then. */
  readonly signal?: AbortSignal;
}

const LOOK_EACH_MS = 25;
/** A start that is still asked for shows within this. */
const STAYS_OFF_MS = 700;
/** A run that says that it has ended may still begin a step: for so long it must go on saying so. */
const SETTLED_MS = 120;
/** After so much silence nothing will come any more: a step that waits for something works. */
const QUIET_MS = 2500;

/** Waits until nothing works any more, by Node-RED's own word; whether that is how it should be, others judge. */
export async function awaitEnd(
  world: World,
  { before, expected, limitMs, signal }: EndOptions,
): Promise<{ ending: Ending; runs: RunRecord[] }> {
  const deadline = Date.now() + limitMs;
  let runs: RunRecord[] = [];
  let seen = "";
  let unchangedSince = Date.now();
  while (!world.crashed && !signal?.aborted) {
    runs = (await world.runs()).filter(({ runId }) => !before.has(runId));
    const now = Date.now();
    const looks = JSON.stringify([runs, world.trace.length]);
    if (looks !== seen) {
      seen = looks;
      unchangedSince = now;
    }
    const quietMs = now - unchangedSince;
    if (runs.length >= expected && runs.every(isSettled) && quietMs >= SETTLED_MS) {
      return { ending: "over", runs };
    }
    if (!runs.some(isWorking) && quietMs >= QUIET_MS) {
      return { ending: runs.length >= expected ? "over" : "unknown", runs };
    }
    if (now >= deadline) {
      return { ending: "limit", runs };
    }
    await pause(LOOK_EACH_MS);
  }
  return { ending: "crashed", runs };
}

/** The same, and then until the instance has been off for a while; others judge whether it is. */
export async function awaitOff(world: World, options: EndOptions): Promise<{ ending: Ending; runs: RunRecord[] }> {
  const deadline = Date.now() + options.limitMs;
  const { record, instanceId } = world.sandbox;
  const isOff = (): boolean =>
    record.instances().every((one) => one.instanceId !== instanceId || OFF.includes(one.state));
  const ended = await awaitEnd(world, options);
  for (let since = Date.now(); Date.now() < deadline && Date.now() - since < STAYS_OFF_MS; ) {
    await pause(LOOK_EACH_MS);
    since = isOff() ? since : Date.now();
  }
  const runs = (await world.runs()).filter(({ runId }) => !options.before.has(runId));
  return { ...ended, runs: runs.length > 0 ? runs : ended.runs };
}

const OFF: readonly string[] = ["stopped", "terminated"];

const isWorking = ({ steps }: RunRecord): boolean => steps.some(({ state }) => state === "running");

/** Has come to its end in the way in which every run should: its stop step has ended, and nothing is on its way to a step. */
function isSettled(run: RunRecord): boolean {
  const hasStopped = run.steps.some(({ type, state }) => type === "lightly-ec2-stop" && ENDED.includes(state));
  return (
    !isWorking(run) && run.endedAt !== undefined && run.state !== "running" && run.state !== "interrupted" && hasStopped
  );
}

const ENDED: readonly string[] = ["completed", "failed"];
