import { setTimeout as pause } from "node:timers/promises";
import type { RunRecord } from "../../src/records/run-record.ts";
import type { World } from "./world.ts";

/**
 * The result of the wait for a round's runs: they are `over`; Node-RED knows fewer runs than requested and does nothing (`unknown`); a
 * step was still running at the `limit`; or Node-RED has `crashed`.
 */
export type Ending = "over" | "unknown" | "limit" | "crashed";

export interface EndOptions {
  /** Runs of earlier rounds. */
  readonly before: ReadonlySet<string>;
  /** The number of runs that the round has requested. */
  readonly expected: number;
  readonly limitMs: number;
  /** Ends the wait early. Then the result has no meaning. */
  readonly signal?: AbortSignal;
}

const LOOK_EACH_MS = 25;
/** A pending start appears within this time. */
const STAYS_OFF_MS = 700;
/** A finished run may still start a step, so it must stay finished for this time. */
const SETTLED_MS = 120;
/** After this time without activity nothing more will happen, because a waiting step counts as running. */
const QUIET_MS = 2500;

/** Waits until no step is running, according to Node-RED. `checkRun` checks the result. */
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

/** The same, and then waits until the instance has been stopped for some time. `checkRun` checks the result. */
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

/** Whether a run has ended regularly: its stop step has ended, and no message is pending. */
function isSettled(run: RunRecord): boolean {
  const hasStopped = run.steps.some(({ type, state }) => type === "lightly-ec2-stop" && ENDED.includes(state));
  return (
    !isWorking(run) && run.endedAt !== undefined && run.state !== "running" && run.state !== "interrupted" && hasStopped
  );
}

const ENDED: readonly string[] = ["completed", "failed"];
