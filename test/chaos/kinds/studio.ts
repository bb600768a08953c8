import { StopInstancesCommand } from "@aws-sdk/client-ec2";
import { type Calibration, calibrate } from "../calibration.ts";
import type { Expectation } from "../check-run.ts";
import { cleanUp } from "../clean-up.ts";
import { aborted, killed, type Round } from "../disturbed-runs.ts";
import { awaitEnd, awaitOff } from "../ending.ts";
import { killsOf } from "../kill-plan.ts";
import { describeMoment, injectAt, type Moment } from "../moment.ts";
import { otherExample } from "../other-example.ts";
import { playRound } from "../round.ts";
import { Choices } from "../seeded.ts";
import { withEc2 } from "../with-ec2.ts";
import type { World } from "../world.ts";
import { type Kind, type KindContext, roundNumbers } from "./kind.ts";

const LIMIT_MS = 60_000;
const MAX_FAULTS = 6;

const EXAMPLE = otherExample({
  file: "studio.json",
  first: "lightly-pexels-download",
  fields: { "lightly-studio-select": { retrySeconds: "0.2" } },
});

/** What disturbs the run, in turn. */
const ACTIONS = ["killed", "aborted", "refused", "stopped"] as const;
type Action = (typeof ACTIONS)[number];

/** The flow with LightlyStudio under everything: one command and one selection, or a failure with a code; nothing is left running. */
export const studio: Kind = {
  name: "studio",
  title: "the flow with LightlyStudio: a kill, an abort, refusals of S3 and SSM, a stop of the instance",
  count: 4,
  run: async (context) => {
    const world = await context.open({ flow: EXAMPLE });
    await calibrate(world, "small", expecting("completed"));
    const calibration = await calibrate(world, "small", expecting("completed"));
    for (const nr of roundNumbers(context)) {
      context.signal.throwIfAborted();
      await play(context, world, nr, calibration);
    }
  },
};

async function play(
  { seed, keep, report }: KindContext,
  world: World,
  nr: number,
  calibration: Calibration,
): Promise<void> {
  const choices = new Choices(seed, "studio", nr);
  const action: Action = ACTIONS[(nr - 1) % ACTIONS.length] ?? "killed";
  const moment: Moment = { by: "time", ms: choices.number(0, calibration.lengthMs) };
  const disturbed = { world, expectation: expecting("completed"), limitMs: LIMIT_MS };
  const round = {
    killed: () => killed({ ...disturbed, ...killsOf(seed, nr, calibration) }),
    aborted: () => aborted({ ...disturbed, moment }),
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

function refused(world: World, choices: Choices, moment: Moment): Round {
  const service = choices.one(["s3", "ssm"] as const);
  const kind = choices.one(["throttle", "reset", "status"] as const);
  const times = choices.whole(1, MAX_FAULTS);
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
