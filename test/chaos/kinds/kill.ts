import { type Calibration, calibrate } from "../calibration.ts";
import { cleanUp } from "../clean-up.ts";
import { killed } from "../disturbed-runs.ts";
import { type KillRound, planKills } from "../kill-plan.ts";
import { playRound } from "../round.ts";
import type { World } from "../world.ts";
import { type Kind, type KindContext, roundNumbers } from "./kind.ts";

const LIMIT_MS = 40_000;

/** Node-RED is killed at some moment of a run, possibly twice, and restarted: the run completes with one of everything. */
export const kill: Kind = {
  name: "kill",
  title: "Node-RED is killed at any moment and started again",
  count: 20,
  run: async (context) => {
    const world = await context.open();
    // The first start and the first run are slow, because their code is not compiled yet.
    const large = await calibrate(world, "large");
    await world.kill();
    await world.start();
    const small = await calibrate(world, "small");
    const calibrations = [small, { ...large, lengthMs: Math.min(large.lengthMs, small.lengthMs) }];
    context.note(calibrations.map(describe).join("; "));
    const rounds = planKills(context.seed, Math.max(context.count, context.round ?? 0), calibrations);
    for (const nr of roundNumbers(context)) {
      context.signal.throwIfAborted();
      const round = rounds[nr - 1];
      if (round !== undefined) {
        await play(context, world, round);
      }
    }
  },
};

function describe({ video, lengthMs, journalWrites, operations }: Calibration): string {
  return `${video} video: ${lengthMs} ms, ${journalWrites} journal writes, ${operations.length} operations`;
}

async function play({ seed, keep, report }: KindContext, world: World, round: KillRound): Promise<void> {
  const { nr, video } = round;
  const result = await playRound({
    ...killed({ world, expectation: { runs: 1, outcome: "completed" }, limitMs: LIMIT_MS, ...round }),
    ...{ world, kind: "kill", nr, seed, video, limitMs: LIMIT_MS, keep },
  });
  report(result);
  if (result.verdict === "failed") {
    await cleanUp(world);
  }
}
