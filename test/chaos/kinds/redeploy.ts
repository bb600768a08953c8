import { calibrate } from "../calibration.ts";
import { cleanUp } from "../clean-up.ts";
import { DEPLOYMENTS, type Deployment, deploy } from "../deploy.ts";
import { awaitEnd } from "../ending.ts";
import { describeMoment, injectAt, type Moment } from "../moment.ts";
import { playRound } from "../round.ts";
import { Choices } from "../seeded.ts";
import type { FlowNode, World } from "../world.ts";
import { type Kind, type KindContext, roundNumbers } from "./kind.ts";

const LIMIT_MS = 40_000;

/** The user deploys during a run, all flows or one changed node: the run completes with one of everything. */
export const redeploy: Kind = {
  name: "redeploy",
  title: "the flows are deployed again in the middle of a run",
  count: 4,
  run: async (context) => {
    const world = await context.open();
    const { lengthMs } = await calibrate(world, "small");
    for (const nr of roundNumbers(context)) {
      context.signal.throwIfAborted();
      await play(context, world, nr, lengthMs);
    }
  },
};

async function play({ seed, keep, report }: KindContext, world: World, nr: number, lengthMs: number): Promise<void> {
  const choices = new Choices(seed, "redeploy", nr);
  const moment: Moment = { by: "time", ms: choices.number(0, lengthMs) };
  // All flows and one node in turn.
  const deployment: Deployment = nr % 2 === 1 ? "full" : choices.one(DEPLOYMENTS.slice(1));
  const changed = choices.one((await world.flow()).filter(({ type }) => type.startsWith("lightly-")));
  const subject = deployment === "full" ? "all flows" : `${changed.name} (${deployment})`;
  const result = await playRound({
    world,
    kind: "redeploy",
    nr,
    seed,
    what: `${subject} deployed ${describeMoment(moment)}`,
    video: nr % 4 === 3 ? "large" : "small",
    expectation: { runs: 1, outcome: "completed", mayNotBegin: true },
    limitMs: LIMIT_MS,
    keep,
    play: async ({ runs }) => {
      const injection = injectAt(world, moment, async () => {
        world.note(`${subject} is deployed`);
        await deploy(world, deployment, renamed(deployment === "full" ? undefined : changed));
      });
      const over = new AbortController();
      await world.trigger();
      const ended = awaitEnd(world, { before: runs, expected: 1, limitMs: LIMIT_MS, signal: over.signal });
      await Promise.race([injection.injected, ended]);
      over.abort();
      injection.cancel();
      await ended;
      return { restartedAt: Date.now() };
    },
  });
  report(result);
  if (result.verdict === "failed") {
    await cleanUp(world);
  }
}

/** The current flows with another name of one node. */
function renamed(changed: FlowNode | undefined): (nodes: readonly FlowNode[]) => FlowNode[] {
  return (nodes) => nodes.map((node) => (node.id === changed?.id ? { ...node, name: `${String(node.name)}'` } : node));
}
