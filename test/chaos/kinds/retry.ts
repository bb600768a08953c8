import { commandRun } from "../../../scripts/local/run-command.ts";
import { type Calibration, calibrate } from "../calibration.ts";
import { cleanUp } from "../clean-up.ts";
import { awaitEnd } from "../ending.ts";
import { type Before, lookBefore } from "../evidence.ts";
import { FAILURE_CAUSES, type FailureCause } from "../failure-causes.ts";
import { killAgain, killDuringRun } from "../kill-during-run.ts";
import { type KillRound, planKills } from "../kill-plan.ts";
import { describeMoment, type Moment } from "../moment.ts";
import { playRound } from "../round.ts";
import { Choices } from "../seeded.ts";
import type { World } from "../world.ts";
import { type Kind, type KindContext, roundNumbers } from "./kind.ts";

const LIMIT_MS = 40_000;

/** A run fails and is retried after its cause, and Node-RED is killed in the meantime: the run completes with one of everything. */
export const retry: Kind = {
  name: "retry",
  title: "a failed run is retried, and Node-RED is killed meanwhile",
  count: 3,
  run: async (context) => {
    const world = await context.open();
    const large = await calibrate(world, "large");
    const small = await calibrate(world, "small");
    const calibrations = [small, { ...large, lengthMs: Math.min(large.lengthMs, small.lengthMs) }].map(withoutDownload);
    const rounds = planKills(context.seed, Math.max(context.count, context.round ?? 0), calibrations);
    const order = new Choices(context.seed, "retry").shuffled(FAILURE_CAUSES);
    for (const nr of roundNumbers(context)) {
      const round = rounds[nr - 1];
      if (round !== undefined) {
        context.signal.throwIfAborted();
        const fitting = order.filter((cause) => fits(cause, round, calibrations));
        await play(context, world, round, fitting[nr % fitting.length] as FailureCause);
      }
    }
  },
};

/** No cause makes a run download its video a second time. */
function withoutDownload(calibration: Calibration): Calibration {
  return { ...calibration, operations: calibration.operations.filter(({ service }) => service !== "pexels") };
}

/** Whether a retry of a run with this cause reaches the moment: a completed upload is not repeated. */
function fits({ video }: FailureCause, round: KillRound, calibrations: readonly Calibration[]): boolean {
  const { first } = round;
  const isAtUpload = calibrations.some(({ operations }) =>
    operations.some(
      ({ service, operation }) => service === "s3" && first.by === "request" && first.operation === operation,
    ),
  );
  return video === round.video || (video === undefined && !isAtUpload);
}

async function play(
  { seed, keep, report }: KindContext,
  world: World,
  { nr, video, first, second }: KillRound,
  cause: FailureCause,
): Promise<void> {
  const kills = [first, ...(second ? [second] : [])].map(describeMoment).join(", again ");
  const result = await playRound({
    world,
    kind: "retry",
    nr,
    seed,
    what: `${cause.name}; retried, ${kills.replaceAll("the trigger", "the retry")}`,
    video,
    expectation: { runs: 1, outcome: "completed" },
    limitMs: LIMIT_MS,
    keep,
    play: async (before) => {
      const runId = await fail(world, before, cause, new Choices(seed, "retry", nr));
      // The results of the failure are checked by another kind. An uploaded video must not be uploaded again.
      const checkedFrom = { ...(await lookBefore(world)), objects: before.objects, runs: before.runs };
      await killDuringRun(world, before, ofRetry(first), LIMIT_MS, () => retryOver(world, runId));
      if (second) {
        await killAgain(world, before, ofRetry(second), LIMIT_MS);
      }
      const restartedAt = Date.now();
      await world.start();
      if (await isLost(world, runId)) {
        await retryOver(world, runId);
      }
      return { restartedAt, checkedFrom };
    },
  });
  report(result);
  if (result.verdict === "failed") {
    await cleanUp(world);
  }
}

/** Makes a run fail, and removes its cause. */
async function fail(world: World, { runs: before }: Before, cause: FailureCause, choices: Choices): Promise<string> {
  const removeCause = cause.begin(world, choices);
  try {
    await world.trigger();
    const { ending, runs } = await awaitEnd(world, { before, expected: 1, limitMs: LIMIT_MS });
    const [run] = runs;
    if (run === undefined || ending !== "over") {
      throw new Error(`the run that was to fail did not end: ${ending}`);
    }
    return run.runId;
  } finally {
    removeCause();
  }
}

/** The run already has a file in the journal. */
function ofRetry(moment: Moment): Moment {
  return moment.by === "journal" ? { ...moment, ofEarlier: true } : moment;
}

/** Requests the retry. Node-RED may be killed before the response. */
async function retryOver(world: World, runId: string): Promise<void> {
  const response = await commandRun(world.url, runId, "retry");
  if (!response.ok) {
    throw new Error(`the retry was refused: HTTP ${response.status} ${await response.text()}`);
  }
}

/** Whether Node-RED was killed before it had saved the retry: then the run is still failed. */
async function isLost(world: World, runId: string): Promise<boolean> {
  const run = (await world.runs()).find((one) => one.runId === runId);
  return run?.steps.every(({ replacedBy }) => replacedBy === undefined) ?? false;
}
