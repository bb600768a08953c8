import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { calibrate } from "../calibration.ts";
import { awaitEnd } from "../ending.ts";
import { describeMoment, strikeAt } from "../moment.ts";
import { quickFlow } from "../quick-flow.ts";
import { playRound } from "../round.ts";
import { Choices } from "../seeded.ts";
import { tidy } from "../tidy.ts";
import type { World } from "../world.ts";
import { type Kind, type KindContext, roundNumbers } from "./kind.ts";

const LIMIT_MS = 40_000;
const DAY_MS = 24 * 60 * 60_000;
/** By how many days the date jumps: further than any limit of a step is long. */
const JUMPS = [3, -3] as const;

/** The machine's date jumps by days in the middle of a run: it completes, with one of everything. */
export const clock: Kind = {
  name: "clock",
  title: "the machine's date jumps by three days in the middle of a run",
  count: 2,
  run: async (context) => {
    let file = "";
    const world = await context.open({
      flow: quickFlow(),
      environment: (_, { stateDir }) => {
        file = join(stateDir, "date-is-off-by");
        return {
          NODE_OPTIONS: `--require ${JSON.stringify(join(import.meta.dirname, "../clock.cjs"))}`,
          CHAOS_CLOCK_FILE: file,
        };
      },
    });
    await calibrate(world, "small");
    const { lengthMs } = await calibrate(world, "small");
    for (const nr of roundNumbers(context)) {
      context.signal.throwIfAborted();
      await play(context, world, { nr, lengthMs, file });
    }
  },
};

async function play(
  { seed, keep, report }: KindContext,
  world: World,
  { nr, lengthMs, file }: { nr: number; lengthMs: number; file: string },
): Promise<void> {
  const choices = new Choices(seed, "clock", nr);
  const days = JUMPS[(nr - 1) % JUMPS.length] ?? 3;
  const moment = { by: "time", ms: choices.number(0, lengthMs) } as const;
  // Every other pair of rounds.
  const isKilled = Math.ceil(nr / JUMPS.length) % 2 === 0;
  const result = await playRound({
    world,
    kind: "clock",
    nr,
    seed,
    what: `${days > 0 ? "+" : ""}${days} days ${describeMoment(moment)}${isKilled ? ", and a kill" : ""}`,
    video: "small",
    expectation: { runs: 1, outcome: "completed", mayNotBegin: isKilled },
    limitMs: LIMIT_MS,
    keep,
    play: async () => {
      await world.trigger();
      await strikeAt(world, moment, async () => {
        world.note(`the date is off by ${days} days`);
        await writeFile(file, String(days * DAY_MS));
        if (isKilled) {
          await world.kill();
        }
      }).struck;
      const restartedAt = Date.now();
      if (isKilled) {
        await world.start();
      }
      return { restartedAt };
    },
    end: ({ runs }) => awaitEnd(world, { before: runs, expected: 1, limitMs: LIMIT_MS }),
  });
  await writeFile(file, "0");
  report(result);
  if (result.verdict === "failed") {
    await tidy(world);
  }
}
