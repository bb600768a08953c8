import { playRound } from "../round.ts";
import { tidy } from "../tidy.ts";
import type { World } from "../world.ts";
import type { Kind, KindContext } from "./kind.ts";

/** Of a crowd that takes turns. */
const EACH_MS = 4000;
const FIRST_MS = 15_000;

/** So many runs at once. */
const CROWDS = [2, 10] as const;

/** Several runs share one instance: all complete, one worker at a time, and the last one stops it. */
export const many: Kind = {
  name: "many",
  title: "two and ten runs at once over one instance",
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

async function play({ seed, keep, report }: KindContext, world: World, nr: number, crowd: number): Promise<void> {
  const result = await playRound({
    world,
    kind: "many",
    nr,
    seed,
    what: `${crowd} runs at once`,
    video: "small",
    expectation: { runs: crowd, outcome: "completed" },
    limitMs: FIRST_MS + crowd * EACH_MS,
    keep,
    play: async () => {
      await Promise.all(Array.from({ length: crowd }, () => world.trigger()));
      return undefined;
    },
    alsoJudge: ({ stops, starts, workers }) => [
      ...(stops.length === 0 || starts === 0
        ? [`the instance was started ${starts} and stopped ${stops.length} times`]
        : []),
      ...(workers.length === crowd ? [] : [`${workers.length} workers have run instead of ${crowd}`]),
    ],
  });
  report(result);
  if (result.verdict === "failed") {
    await tidy(world);
  }
}
