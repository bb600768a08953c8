import { StopInstancesCommand } from "@aws-sdk/client-ec2";
import { type Calibration, calibrate } from "../calibration.ts";
import type { Expectation } from "../check-run.ts";
import { cleanUp } from "../clean-up.ts";
import { awaitEnd, awaitOff } from "../ending.ts";
import { killAgain, killDuringRun } from "../kill-during-run.ts";
import { planKills } from "../kill-plan.ts";
import { describeMoment, injectAt, type Moment } from "../moment.ts";
import { playRound, type RoundOptions } from "../round.ts";
import { Choices } from "../seeded.ts";
import { studioExample } from "../studio-example.ts";
import { withEc2 } from "../with-ec2.ts";
import type { World } from "../world.ts";
import { type Kind, type KindContext, roundNumbers } from "./kind.ts";

const LIMIT_MS = 60_000;
const MOST_FAULTS = 6;

/** What disturbs the run, in turn. */
const ACTIONS = ["killed", "aborted", "refused", "stopped"] as const;
type Action = (typeof ACTIONS)[number];

/** The flow with LightlyStudio under everything: one command and one selection, or a failure with a code; nothing is left running. */
export const studio: Kind = {
  name: "studio",
  title: "the flow with LightlyStudio: a kill, an abort, refusals of S3 and SSM, a stop of the instance",
  count: 4,
  run: async (context) => {
    const world = await context.open({ flow: studioExample });
    await calibrate(world, "small", "completed", "studio");
    const calibration = await calibrate(world, "small", "completed", "studio");
    for (const nr of roundNumbers(context)) {
      context.signal.throwIfAborted();
      await play(context, world, nr, calibration);
    }
  },
};

type Round = Pick<RoundOptions, "what" | "expectation" | "play" | "end">;

async function play(
  { seed, keep, report }: KindContext,
  world: World,
  nr: number,
  calibration: Calibration,
): Promise<void> {
  const choices = new Choices(seed, "studio", nr);
  const action: Action = ACTIONS[(nr - 1) % ACTIONS.length] ?? "killed";
  const moment: Moment = { by: "time", ms: choices.number(0, calibration.lengthMs) };
  const round = {
    killed: () => killed(world, seed, nr, calibration),
    aborted: () => aborted(world, moment),
    refused: () => refused(world, choices, moment),
    stopped: () => stopped(world, moment),
  }[action]();
  const result = await playRound({
    ...round,
    ...{ world, kind: "studio", nr, seed, video: "small", limitMs: LIMIT_MS, keep },
    moreChecks: ({ runs }) =>
      runs
        .filter(({ state }) => state === "completed")
        .flatMap(({ steps }) => {
          const { lightly } = Object(steps.findLast(({ role }) => role === "select")?.result);
          return lightly?.state === "COMPLETED" && lightly.counts.selected > 0 ? [] : ["nothing was selected"];
        }),
  });
  world.sandbox.faults.clear();
  report(result);
  if (result.verdict === "failed") {
    await cleanUp(world);
  }
}

const expecting = (outcome: Expectation["outcome"], more: Partial<Expectation> = {}): Expectation => ({
  ...{ runs: 1, outcome, engine: "studio" },
  ...more,
});

function killed(world: World, seed: number, nr: number, calibration: Calibration): Round {
  const kills = planKills(seed, nr, [calibration])[nr - 1];
  if (kills === undefined) {
    throw new Error("There is no plan.");
  }
  const { first, second } = kills;
  return {
    what: [first, ...(second ? [second] : [])].map(describeMoment).join(", again "),
    expectation: expecting("completed", { mayNotBegin: true }),
    play: async (before) => {
      await killDuringRun(world, before, first, LIMIT_MS, () => world.trigger());
      if (second) {
        await killAgain(world, before, second, LIMIT_MS);
      }
      const restartedAt = Date.now();
      await world.start();
      return { restartedAt };
    },
  };
}

function aborted(world: World, moment: Moment): Round {
  return {
    what: `aborted ${describeMoment(moment)}`,
    expectation: expecting("over"),
    play: async () => {
      const runId = await world.trigger();
      await injectAt(world, moment, async () => {
        world.note("the run is aborted");
        // Refused if it is over.
        await fetch(`${world.url}/lightly-aws/runs/${runId}/abort`, { method: "POST" });
      }).injected;
      return undefined;
    },
    end: ({ runs }) => awaitOff(world, { before: runs, expected: 1, limitMs: LIMIT_MS }),
  };
}

function refused(world: World, choices: Choices, moment: Moment): Round {
  const service = choices.one(["s3", "ssm"] as const);
  const kind = choices.one(["throttle", "reset", "status"] as const);
  const times = choices.whole(1, MOST_FAULTS);
  return {
    what: `${service} answers ${times} requests with ${kind} ${describeMoment(moment)}`,
    expectation: expecting("ended"),
    play: async ({ runs }) => {
      const injection = injectAt(world, moment, () => {
        world.note(`${service} has faults`);
        world.sandbox.faults.add({ service, kind, times, ...(kind === "status" && { status: 503 }) });
      });
      await world.trigger();
      await Promise.race([injection.injected, awaitEnd(world, { before: runs, expected: 1, limitMs: LIMIT_MS })]);
      return undefined;
    },
    end: ({ runs }) => awaitOff(world, { before: runs, expected: 1, limitMs: LIMIT_MS }),
  };
}

function stopped(world: World, moment: Moment): Round {
  return {
    what: `the instance is stopped ${describeMoment(moment)}`,
    expectation: expecting("over"),
    play: async () => {
      await world.trigger();
      await injectAt(world, moment, async () => {
        world.note("the instance is stopped");
        const InstanceIds = [world.sandbox.instanceId];
        // Refused while it is off or still pending.
        await withEc2(world, (ec2) => ec2.send(new StopInstancesCommand({ InstanceIds }))).catch(() => undefined);
      }).injected;
      return undefined;
    },
    end: ({ runs }) => awaitOff(world, { before: runs, expected: 1, limitMs: LIMIT_MS }),
  };
}
