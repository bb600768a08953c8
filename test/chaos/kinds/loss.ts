import { StopInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { calibrate } from "../calibration.ts";
import { cleanUp } from "../clean-up.ts";
import { awaitEnd, awaitOff } from "../ending.ts";
import { describeMoment, injectAt, type Moment } from "../moment.ts";
import { quickFlow } from "../quick-flow.ts";
import { playRound, type RoundResult } from "../round.ts";
import { Choices } from "../seeded.ts";
import { withEc2 } from "../with-ec2.ts";
import type { World } from "../world.ts";
import { type Kind, type KindContext, roundNumbers } from "./kind.ts";

const LIMIT_MS = 30_000;
const LATEST_MS = 900;

/** Actions of a user in the EC2 console. */
const ACTIONS = ["stopped", "force-stopped", "terminated"] as const;
type Action = (typeof ACTIONS)[number];

/** A run loses its instance: it ends soon with one error, or completes, and the next run works. */
export const loss: Kind = {
  name: "loss",
  title: "the instance is stopped or terminated from outside",
  count: 3,
  run: async (context) => {
    let world: World | undefined;
    for (const nr of roundNumbers(context)) {
      context.signal.throwIfAborted();
      const action = ACTIONS[(nr - 1) % ACTIONS.length] ?? "stopped";
      world ??= await open(context);
      await play(context, world, nr, action);
      if (action === "terminated") {
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

async function play({ seed, keep, report }: KindContext, world: World, nr: number, action: Action): Promise<void> {
  const choices = new Choices(seed, "loss", nr);
  const workerHangs = choices.whole(0, 1) === 0;
  const moment: Moment = {
    by: "request",
    operation: "StartInstances",
    phase: "answered",
    nth: 1,
    delayMs: choices.whole(0, LATEST_MS),
  };
  const isTerminated = action === "terminated";
  const what = `${action} ${describeMoment(moment)}${workerHangs ? ", the worker never ends" : ""}`;
  const round = { world, kind: "loss", nr, seed, video: "small", limitMs: LIMIT_MS, keep } as const;
  let injectedAt = 0;
  let result = await playRound({
    ...round,
    what,
    expectation: { runs: 1, outcome: "over", isTerminated },
    play: async ({ runs }) => {
      world.sandbox.faults.runNeverEnds = workerHangs;
      const injection = injectAt(world, moment, async () => {
        world.note(`the instance is ${action}`);
        await actOnInstance(world, action);
        injectedAt = Date.now();
      });
      await world.trigger();
      await Promise.race([injection.injected, awaitEnd(world, { before: runs, expected: 1, limitMs: LIMIT_MS })]);
      return undefined;
    },
    end: ({ runs }) => awaitOff(world, { before: runs, expected: 1, limitMs: LIMIT_MS }),
    moreChecks: ({ runs }) => [
      ...(injectedAt > 0 ? [] : [`the instance was never ${action}`]),
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
    await cleanUp(world);
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

async function actOnInstance(world: World, action: Action): Promise<void> {
  const InstanceIds = [world.sandbox.instanceId];
  await withEc2(world, async (client) => {
    await (action === "terminated"
      ? client.send(new TerminateInstancesCommand({ InstanceIds }))
      : client.send(new StopInstancesCommand({ InstanceIds, Force: action === "force-stopped" })));
  });
}
