import { cleanUp } from "../clean-up.ts";
import type { Before } from "../evidence.ts";
import { playRound, until } from "../round.ts";
import type { World } from "../world.ts";
import type { Kind, KindContext } from "./kind.ts";

/** The number of runs that use the instance one after the other. */
const EACH_MS = 4000;
const FIRST_MS = 15_000;

/** The delay of the upload of the run that has scheduled first. */
const HELD_UP_MS = 1500;

/** Runs that share the instance. */
interface Crowd {
  readonly what: string;
  readonly runs: number;
  readonly trigger: (world: World, before: Before) => Promise<unknown>;
}

const CROWDS: readonly Crowd[] = [atOnce(2), crossed(), atOnce(10)];

/** Several runs share one instance: all complete, one worker at a time, and the last one stops it. */
export const many: Kind = {
  name: "many",
  title: "two and ten runs over one instance",
  count: CROWDS.length,
  run: async (context) => {
    const world = await context.open();
    for (const [index, crowd] of CROWDS.entries()) {
      if (context.round === undefined || context.round === index + 1) {
        context.signal.throwIfAborted();
        await play(context, world, index + 1, crowd);
      }
    }
  },
};

function atOnce(runs: number): Crowd {
  return {
    what: `${runs} runs at once`,
    runs,
    trigger: (world) => Promise.all(Array.from({ length: runs }, () => world.trigger())),
  };
}

/** A worker takes the Lightly run that was scheduled first, whose own run may get the instance last. */
function crossed(): Crowd {
  return {
    what: "2 runs, of which the first to schedule is the last at the instance",
    runs: 2,
    trigger: async (world, { schedules }) => {
      const { faults, record } = world.sandbox;
      const hold = faults.add({
        service: "s3",
        operation: "PutObject",
        kind: "latency",
        latencyMs: HELD_UP_MS,
        times: 1,
      });
      await world.trigger();
      await until(
        "the first upload",
        () => record.scheduledRuns().some(({ id }) => !schedules.has(id)) && isStriking(world, hold),
        15_000,
      );
      await world.trigger();
    },
  };
}

function isStriking({ sandbox }: World, fault: string): boolean {
  return sandbox.faults.list().some(({ id, applied }) => id === fault && applied > 0);
}

async function play({ seed, keep, report }: KindContext, world: World, nr: number, crowd: Crowd): Promise<void> {
  const { what, runs } = crowd;
  const result = await playRound({
    world,
    kind: "many",
    nr,
    seed,
    what,
    video: "small",
    expectation: { runs, outcome: "completed" },
    limitMs: FIRST_MS + runs * EACH_MS,
    keep,
    play: async (before) => {
      await crowd.trigger(world, before);
      return undefined;
    },
    moreChecks: ({ stops, starts, workers }) => [
      ...(stops.length === 0 || starts === 0
        ? [`the instance was started ${starts} and stopped ${stops.length} times`]
        : []),
      ...(workers.length === runs ? [] : [`${workers.length} workers have run instead of ${runs}`]),
    ],
  });
  world.sandbox.faults.clear();
  report(result);
  if (result.verdict === "failed") {
    await cleanUp(world);
  }
}
