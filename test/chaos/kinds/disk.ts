import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { RunRecord } from "../../../src/records/run-record.ts";
import { calibrate } from "../calibration.ts";
import { cleanUp } from "../clean-up.ts";
import { awaitOff } from "../ending.ts";
import { describeMoment, injectAt } from "../moment.ts";
import { quickFlow } from "../quick-flow.ts";
import { playRound, until } from "../round.ts";
import { Choices } from "../seeded.ts";
import type { World } from "../world.ts";
import { type Kind, type KindContext, roundNumbers } from "./kind.ts";

const LIMIT_MS = 60_000;
const MAX_MS = 2500;
/** A failed write is retried every ten seconds. */
const SAVED_WITHIN_MS = 20_000;

/** How the disk refuses. */
const REFUSALS = ["ENOSPC", "EROFS"] as const;
/** Whether Node-RED is killed in the meantime, and the state of the disk after its restart. */
const KILLS = ["no kill", "killed, back on the same disk", "killed, back when the disk works again"] as const;

/** The journal can't be written for some time: nothing is started twice, no instance is left running, and the journal is correct afterwards. */
export const disk: Kind = {
  name: "disk",
  title: "the journal can't be written for a while, perhaps with a kill",
  count: 3,
  run: async (context) => {
    let flag = "";
    const world = await context.open({
      flow: quickFlow(),
      environment: (_, { stateDir, journalDir }) => {
        flag = join(stateDir, "disk-refuses");
        return {
          NODE_OPTIONS: `--require ${JSON.stringify(join(import.meta.dirname, "../disk.cjs"))}`,
          CHAOS_DISK_FLAG: flag,
          CHAOS_DISK_FOLDER: journalDir,
        };
      },
    });
    await calibrate(world, "small");
    const { lengthMs } = await calibrate(world, "small");
    for (const nr of roundNumbers(context)) {
      context.signal.throwIfAborted();
      await play(context, world, { nr, lengthMs, flag });
    }
  },
};

async function play(
  { seed, keep, report }: KindContext,
  world: World,
  { nr, lengthMs, flag }: { nr: number; lengthMs: number; flag: string },
): Promise<void> {
  const choices = new Choices(seed, "disk", nr);
  const moment = { by: "time", ms: choices.number(0, lengthMs) } as const;
  const refusal = choices.one(REFUSALS);
  const kill = KILLS[(nr - 1) % KILLS.length] ?? "no kill";
  const untilKillMs = choices.whole(0, MAX_MS / 2);
  const forMs = choices.whole(untilKillMs, MAX_MS);
  let differences: string[] = [];
  const result = await playRound({
    world,
    kind: "disk",
    nr,
    seed,
    what: `${refusal} ${describeMoment(moment)} for ${(forMs / 1000).toFixed(1)} s, ${kill}`,
    video: "small",
    expectation: { runs: 1, outcome: "over", mayNotBegin: true, excused: ["journal"] },
    limitMs: LIMIT_MS,
    keep,
    play: async () => {
      const injection = injectAt(world, moment, async () => {
        world.note(`the disk refuses: ${refusal}`);
        await writeFile(flag, refusal);
      });
      const triggered = world.trigger();
      await injection.injected;
      if (kill === "no kill") {
        await pause(forMs);
      } else {
        await pause(untilKillMs);
        await world.kill();
        if (kill === "killed, back on the same disk") {
          await world.start();
        }
        await pause(forMs - untilKillMs);
      }
      await rm(flag, { force: true });
      world.note("the disk works again");
      await triggered;
      const restartedAt = Date.now();
      if (!world.isRunning) {
        await world.start();
      }
      return { restartedAt };
    },
    end: async ({ runs }) => {
      const ended = await awaitOff(world, { before: runs, expected: 1, limitMs: LIMIT_MS });
      differences = await differencesOnDisk(world, runs);
      return ended;
    },
    moreChecks: () => differences,
  });
  await rm(flag, { force: true });
  report(result);
  if (result.verdict === "failed") {
    await cleanUp(world);
  }
}

/** The differences between the runs in memory and those that a new Node-RED restores from disk. */
async function differencesOnDisk(world: World, before: ReadonlySet<string>): Promise<string[]> {
  const own = async (): Promise<RunRecord[]> => (await world.runs()).filter(({ runId }) => !before.has(runId));
  await until(
    "a saved record",
    async () => (await own()).every(({ unsavedReason }) => !unsavedReason),
    SAVED_WITHIN_MS,
  );
  const said = await own();
  await world.kill();
  await world.start();
  const kept = await own();
  return said.flatMap((run) => {
    const other = kept.find(({ runId }) => runId === run.runId);
    return describe(other) === describe(run) ? [] : [`the disk says ${describe(other)} and not ${describe(run)}`];
  });
}

function describe(run: RunRecord | undefined): string {
  return run === undefined
    ? "nothing"
    : [run.state, ...run.steps.map(({ name, state }) => `${name} ${state}`)].join(", ");
}
