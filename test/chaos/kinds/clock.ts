import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { calibrate } from "../calibration.ts";
import { cleanUp } from "../clean-up.ts";
import { deploy, triggerOnceDeployed } from "../deploy.ts";
import { awaitEnd, awaitOff } from "../ending.ts";
import { describeMoment, injectAt } from "../moment.ts";
import { quickFlow } from "../quick-flow.ts";
import { playRound, until } from "../round.ts";
import { Choices } from "../seeded.ts";
import type { World } from "../world.ts";
import { type Kind, type KindContext, roundNumbers } from "./kind.ts";

const LIMIT_MS = 40_000;
const DAY_MS = 24 * 60 * 60_000;
/** The days by which the date jumps: more than the time limit of any step. */
const JUMPS = [3, -3] as const;
/** What else happens at that moment, each in two rounds. */
const ACTIONS = ["", ", and a kill", ", and ec2 start is deleted"] as const;

/** The system date jumps by days during a run: the run completes with one of everything, or its instance is stopped afterwards. */
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
  const action = ACTIONS[Math.floor((nr - 1) / JUMPS.length) % ACTIONS.length] ?? "";
  const isKilled = action === ACTIONS[1];
  const isDeleted = action === ACTIONS[2];
  const moment = { by: "time", ms: isDeleted ? 0 : choices.number(0, lengthMs) } as const;
  const flow = await world.flow();
  const result = await playRound({
    world,
    kind: "clock",
    nr,
    seed,
    what: `${days > 0 ? "+" : ""}${days} days ${describeMoment(moment)}${action}`,
    video: "small",
    expectation: isDeleted
      ? { runs: 1, outcome: "over", excused: ["lightly"], dateIsOff: true }
      : { runs: 1, outcome: "completed", mayNotBegin: isKilled },
    limitMs: LIMIT_MS,
    keep,
    play: async () => {
      const injection = injectAt(world, moment, async () => {
        world.note(`the date is off by ${days} days`);
        await writeFile(file, String(days * DAY_MS));
        if (isKilled) {
          await world.kill();
        }
      });
      if (isDeleted) {
        // All times of the run have the wrong date, and those of EC2 the right one.
        await injection.injected;
      }
      await triggerOnceDeployed(world);
      await injection.injected;
      if (isDeleted) {
        await until("the start", () => world.trace.some(({ operation }) => operation === "StartInstances"), LIMIT_MS);
        await deploy(world, "nodes", (nodes) => nodes.filter(({ type }) => type !== "lightly-ec2-start"));
      }
      const restartedAt = Date.now();
      if (isKilled) {
        await world.start();
      }
      return { restartedAt };
    },
    end: ({ runs }) => (isDeleted ? awaitOff : awaitEnd)(world, { before: runs, expected: 1, limitMs: LIMIT_MS }),
  });
  await writeFile(file, "0");
  report(result);
  if (result.verdict === "failed") {
    await cleanUp(world);
  }
  if (isDeleted) {
    await deploy(world, "full", () => flow);
  }
}
