import { StopInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { calibrate } from "../calibration.ts";
import { awaitEnd, awaitOff } from "../ending.ts";
import { describeMoment, type Moment, strikeAt } from "../moment.ts";
import { withEc2 } from "../outside.ts";
import { quickFlow } from "../quick-flow.ts";
import { playRound, type RoundResult } from "../round.ts";
import { Choices } from "../seeded.ts";
import { tidy } from "../tidy.ts";
import type { World } from "../world.ts";
import { type Kind, type KindContext, roundNumbers } from "./kind.ts";

const LIMIT_MS = 30_000;
const LATEST_MS = 900;

/** Actions of a user in the EC2 console. */
const DEEDS = ["stopped", "force-stopped", "terminated"] as const;
type Deed = (typeof DEEDS)[number];

/** A run loses its instance: it ends soon with one error, or completes, and the next run works. */
export const loss: Kind = {
  name: "loss",
  title: "the instance is stopped or terminated from outside",
  count: 3,
  run: async (context) => {
    let world: World | undefined;
    for (const nr of roundNumbers(context)) {
      context.signal.throwIfAborted();
      const deed = DEEDS[(nr - 1) % DEEDS.length] ?? "stopped";
      world ??= await open(context);
      await play(context, world, nr, deed);
      if (deed === "terminated") {
        // Nothing is running on that instance.
        await world.close();
        world = undefined;
      }
    }
  },
};

async function open({ open: openWorld }: KindContext): Promise<World> {
  const world = await openWorld({ flow: quickFlow() });
  await calibrate(world, "small");
  return world;
}

async function play({ seed, keep, report }: KindContext, world: World, nr: number, deed: Deed): Promise<void> {
  const choices = new Choices(seed, "loss", nr);
  const workerHangs = choices.whole(0, 1) === 0;
  const moment: Moment = {
    by: "request",
    operation: "StartInstances",
    phase: "answered",
    nth: 1,
    delayMs: choices.whole(0, LATEST_MS),
  };
  const isTerminated = deed === "terminated";
  const what = `${deed} ${describeMoment(moment)}${workerHangs ? ", the worker never ends" : ""}`;
  const round = { world, kind: "loss", nr, seed, video: "small", limitMs: LIMIT_MS, keep } as const;
  let struckAt = 0;
  let result = await playRound({
    ...round,
    what,
    expectation: { runs: 1, outcome: "over", isTerminated },
    play: async ({ runs }) => {
      world.sandbox.faults.runNeverEnds = workerHangs;
      const strike = strikeAt(world, moment, async () => {
        world.note(`the instance is ${deed}`);
        await takeAway(world, deed);
        struckAt = Date.now();
      });
      await world.trigger();
      await Promise.race([strike.struck, awaitEnd(world, { before: runs, expected: 1, limitMs: LIMIT_MS })]);
      return undefined;
    },
    end: ({ runs }) => awaitOff(world, { before: runs, expected: 1, limitMs: LIMIT_MS }),
    alsoJudge: ({ runs }) => [
      ...(struckAt > 0 ? [] : [`the instance was never ${deed}`]),
      ...runs
        .filter(({ state }) => state !== "completed" && state !== "failed")
        .map(({ state, error }) => `the run ${state} (${error?.code})`),
    ],
  });
  world.sandbox.faults.clear();
  if (!isTerminated && result.verdict === "passed") {
    const next = await playRound({
      ...round,
      what: "the next run",
      expectation: { runs: 1, outcome: "completed" },
      play: async () => {
        await world.trigger();
        return undefined;
      },
    });
    result = joined(result, next);
  }
  report(result);
  if (result.verdict === "failed" && !isTerminated) {
    await tidy(world);
  }
}

function joined(first: RoundResult, next: RoundResult): RoundResult {
  return {
    ...first,
    verdict: next.verdict,
    violations: next.violations.map((text) => `the next run: ${text}`),
    tookMs: first.tookMs + next.tookMs,
    ...(next.keptIn === undefined ? {} : { keptIn: next.keptIn }),
  };
}

async function takeAway(world: World, deed: Deed): Promise<void> {
  const InstanceIds = [world.sandbox.instanceId];
  await withEc2(world, async (client) => {
    await (deed === "terminated"
      ? client.send(new TerminateInstancesCommand({ InstanceIds }))
      : client.send(new StopInstancesCommand({ InstanceIds, Force: deed === "force-stopped" })));
  });
}
