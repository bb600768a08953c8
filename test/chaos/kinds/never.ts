import { cleanUp } from "../clean-up.ts";
import { injectAt } from "../moment.ts";
import { playRound, until } from "../round.ts";
import { Choices } from "../seeded.ts";
import type { FlowNode, World } from "../world.ts";
import { type Kind, type KindContext, roundNumbers } from "./kind.ts";

/** A minute of an instance's timer takes 180 ms, so that its ten minutes are 1.8 s. */
const SECOND_MS = 3;
const TIMER_MINUTES = 10;
const TIMER_MS = TIMER_MINUTES * 60 * SECOND_MS;
/** The approximate rest of a run after its timer is set. */
const LATEST_MS = 700;

/** Node-RED is killed after the timer is set, and not restarted: the instance stops by itself. */
export const never: Kind = {
  name: "never",
  title: "Node-RED is killed and never started again",
  count: 2,
  run: async (context) => {
    const world = await context.open({ delays: { secondMs: SECOND_MS, deliveryMs: 10 }, flow: withShortTimer });
    for (const nr of roundNumbers(context)) {
      context.signal.throwIfAborted();
      await play(context, world, nr);
    }
  },
};

async function play({ seed, keep, report }: KindContext, world: World, nr: number): Promise<void> {
  const choices = new Choices(seed, "never", nr);
  const delayMs = choices.whole(0, LATEST_MS);
  const workerHangs = choices.whole(0, 1) === 0;
  const { faults, events, record, instanceId } = world.sandbox;
  const isStopped = (): boolean =>
    record.instances().some((one) => one.instanceId === instanceId && one.state === "stopped");
  const result = await playRound({
    world,
    kind: "never",
    nr,
    seed,
    what: `${delayMs} ms after the timer was armed${workerHangs ? ", the worker never ends" : ""}`,
    video: "small",
    expectation: { runs: 1, outcome: "gone" },
    limitMs: 0,
    keep,
    play: async ({ eventId }) => {
      faults.runNeverEnds = workerHangs;
      void world.trigger();
      await until(
        "the arming of the timer",
        () => events.list({ after: eventId, kind: "shutdown" }).length > 0,
        20_000,
      );
      await injectAt(world, { by: "time", ms: delayMs }, () => world.kill()).injected;
      return undefined;
    },
    end: async () => {
      // Not immediately: a run that was about to end may have stopped the instance already.
      await until("a stop by itself", isStopped, TIMER_MS + 3000).catch(() => undefined);
      return { ending: "over", runs: [] };
    },
    moreChecks: ({ stops, timers }) =>
      timers.length > 0 && stops.length !== 1 ? [`the instance was stopped ${stops.length} times`] : [],
  });
  report(result);
  // Its run is lost.
  await cleanUp(world);
}

function withShortTimer(nodes: readonly FlowNode[]): FlowNode[] {
  return nodes.map((node) =>
    node.type === "lightly-ec2-start" ? { ...node, autoStopMinutes: String(TIMER_MINUTES) } : node,
  );
}
