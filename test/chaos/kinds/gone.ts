import { calibrate } from "../calibration.ts";
import { cleanUp } from "../clean-up.ts";
import { DEPLOYMENTS, type Deployment, deploy, triggerOnceDeployed } from "../deploy.ts";
import { awaitOff } from "../ending.ts";
import { describeMoment, injectAt } from "../moment.ts";
import { quickFlow } from "../quick-flow.ts";
import { playRound } from "../round.ts";
import { Choices } from "../seeded.ts";
import type { FlowNode, World } from "../world.ts";
import { type Kind, type KindContext, roundNumbers } from "./kind.ts";

const LIMIT_MS = 60_000;
/** A selection whose worker the deploy has removed ends at this limit. */
const SELECTION_HOURS = 0.01;

/** The part that is removed from the flow. */
interface Loss {
  readonly what: string;
  readonly change: (nodes: readonly FlowNode[]) => readonly FlowNode[];
  /** The service that can't be cleaned up without it. */
  readonly excused: readonly string[];
  /** Whether ec2 stop has lost its account: then it fails once, and the instance's guard stops the instance. */
  readonly isOfStop?: boolean;
}

/**
 * A deploy removes a part of the pipeline: after any end of the run the instance is stopped, and there is no false alarm. A flow that has
 * lost only its *ec2 stop* before the run reached it ends as configured: then the auto-stop timer stops the instance, see `never`.
 */
export const gone: Kind = {
  name: "gone",
  title: "a deploy deletes or disables a node, the tab or all flows",
  count: 4,
  run: async (context) => {
    const world = await context.open({
      flow: quickFlow({ "lightly-run": { timeoutHours: String(SELECTION_HOURS) } }),
    });
    await calibrate(world, "small");
    const { lengthMs } = await calibrate(world, "small");
    const flow = await world.flow();
    const losses = new Choices(context.seed, "gone").shuffled(lossesOf(flow));
    for (const nr of roundNumbers({ ...context, count: context.all ? losses.length : context.count })) {
      const loss = losses[(nr - 1) % losses.length];
      if (loss !== undefined) {
        context.signal.throwIfAborted();
        await play(context, world, { nr, loss, lengthMs, flow });
      }
    }
  },
};

async function play(
  { seed, keep, report }: KindContext,
  world: World,
  o: { readonly nr: number; readonly loss: Loss; readonly lengthMs: number; readonly flow: readonly FlowNode[] },
): Promise<void> {
  const { nr, loss, lengthMs, flow } = o;
  const choices = new Choices(seed, "gone", nr);
  const moment = { by: "time", ms: choices.number(0, lengthMs) } as const;
  const deployment: Deployment = choices.one(DEPLOYMENTS);
  const result = await playRound({
    world,
    kind: "gone",
    nr,
    seed,
    what: `${loss.what} (${deployment}) ${describeMoment(moment)}`,
    video: "small",
    expectation: {
      runs: 1,
      outcome: "over",
      mayNotBegin: true,
      excused: loss.excused,
      alarms: loss.isOfStop === true ? 1 : 0,
    },
    limitMs: LIMIT_MS,
    keep,
    play: async () => {
      await triggerOnceDeployed(world);
      await injectAt(world, moment, async () => {
        world.note(`${loss.what} (${deployment})`);
        await deploy(world, deployment, loss.change);
      }).injected;
      return undefined;
    },
    end: ({ runs }) => awaitOff(world, { before: runs, expected: 1, limitMs: LIMIT_MS }),
    moreChecks: () =>
      loss.what.includes("account")
        ? []
        : world.log
            .filter((line) => /was deleted or disabled in/.test(line))
            .map((line) => `of an account that is there: ${line}`),
  });
  report(result);
  if (result.verdict === "failed") {
    await cleanUp(world);
  }
  await deploy(world, "full", () => flow);
}

function lossesOf(flow: readonly FlowNode[]): Loss[] {
  const isOurs = ({ type }: FlowNode): boolean =>
    type.startsWith("lightly-") && type !== "lightly-run-status" && type !== "lightly-ec2-stop";
  const isTab = ({ type }: FlowNode): boolean => type === "tab";
  return [
    ...flow.filter(isOurs).flatMap(({ id, type, name }) => {
      const excused = /lightly-(?:lightly|s3|aws)/.test(type) ? ["lightly", "s3"] : [];
      return [
        {
          what: `${name} deleted`,
          excused,
          change: (nodes: readonly FlowNode[]) => nodes.filter((one) => one.id !== id),
        },
        { what: `${name} disabled`, excused, change: changed((one) => one.id === id, { d: true }) },
      ].map((loss) =>
        type.endsWith("-account")
          ? { ...loss, what: `account ${loss.what}`, isOfStop: type === "lightly-aws-account" }
          : loss,
      );
    }),
    {
      what: "the tab deleted",
      excused: EVERYTHING,
      change: (nodes) => nodes.filter((node) => !isTab(node) && node.z === undefined),
    },
    { what: "the tab disabled", excused: EVERYTHING, change: changed(isTab, { disabled: true }) },
    { what: "all flows deleted", excused: EVERYTHING, change: () => [] },
  ];
}

const EVERYTHING = ["lightly", "s3"];

function changed(which: (node: FlowNode) => boolean, values: object): Loss["change"] {
  return (nodes) => nodes.map((node) => (which(node) ? { ...node, ...values } : node));
}
