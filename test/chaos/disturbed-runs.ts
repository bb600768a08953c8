import { commandRun } from "../../scripts/local/run-command.ts";
import type { Expectation } from "./check-run.ts";
import { awaitOff } from "./ending.ts";
import { killAgain, killDuringRun } from "./kill-during-run.ts";
import type { KillRound } from "./kill-plan.ts";
import { describeMoment, injectAt, type Moment } from "./moment.ts";
import type { RoundOptions } from "./round.ts";
import type { World } from "./world.ts";

/** What is particular to a round. */
export type Round = Pick<RoundOptions, "what" | "expectation" | "play" | "end">;

/** When Node-RED is killed. */
type Kills = Pick<KillRound, "first" | "second">;

interface DisturbedRun {
  readonly world: World;
  /** Of an undisturbed run. */
  readonly expectation: Expectation;
  readonly limitMs: number;
}

/** A run during which Node-RED is killed, possibly twice. It completes. */
export function killed({ world, expectation, limitMs, first, second }: DisturbedRun & Kills): Round {
  return {
    what: [first, ...(second ? [second] : [])].map(describeMoment).join(", again "),
    expectation: { ...expectation, mayNotBegin: true },
    play: async (before) => {
      await killDuringRun(world, before, first, limitMs, () => world.trigger());
      if (second) {
        await killAgain(world, before, second, limitMs);
      }
      const restartedAt = Date.now();
      await world.start();
      return { restartedAt };
    },
  };
}

/** A run that a user aborts. It comes to some end. */
export function aborted(o: DisturbedRun & { readonly moment: Moment }): Round {
  const { world, expectation, limitMs, moment } = o;
  return {
    what: `aborted ${describeMoment(moment)}`,
    expectation: { ...expectation, outcome: "over" },
    play: async () => {
      const runId = await world.trigger();
      await injectAt(world, moment, async () => {
        world.note("the run is aborted");
        const { status } = await commandRun(world.url, String(runId), "abort");
        // Refused with 409 if it is over.
        if (status !== 200 && status !== 409) {
          throw new Error(`The abort was answered with ${status}.`);
        }
      }).injected;
      return undefined;
    },
    end: ({ runs }) => awaitOff(world, { before: runs, expected: 1, limitMs }),
  };
}
