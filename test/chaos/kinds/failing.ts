import { type Calibration, calibrate, describeEnd } from "../calibration.ts";
import { cleanUp } from "../clean-up.ts";
import { type FailingRound, momentsOf, planTroubles } from "../failing-plan.ts";
import { FAILURE_CAUSES } from "../failure-causes.ts";
import { killAgain, killDuringRun } from "../kill-during-run.ts";
import { describeMoment } from "../moment.ts";
import { playRound } from "../round.ts";
import { Choices } from "../seeded.ts";
import type { FlowNode, World } from "../world.ts";
import { type Kind, type KindContext, roundNumbers } from "./kind.ts";

const LIMIT_MS = 40_000;
/** The delay of each request: longer than all requests to the other services after a restart. */
const SLOW_MS = 100;
const PAUSE_MS = 250;

/** A run fails, and Node-RED is killed around that time: the run ends as without the kill, and leaves nothing. */
export const failing: Kind = {
  name: "failing",
  title: "Node-RED is killed around the failure of a run and started again",
  count: 6,
  run: async (context) => {
    const world = await context.open({ flow: withPauseBehindCatch });
    // The first run is slow, because its code is not compiled yet.
    await calibrate(world, "small");
    const known = new Map<string, Calibration>();
    const rounds = planTroubles(context.seed, Math.max(context.count, context.round ?? 0), FAILURE_CAUSES);
    for (const nr of roundNumbers(context)) {
      const round = rounds[nr - 1];
      if (round !== undefined) {
        context.signal.throwIfAborted();
        const removeCause = round.cause.begin(world, new Choices(context.seed, "failing", nr, "cause"));
        const name = `${round.cause.name} ${round.video}`;
        const calibration = known.get(name) ?? (await calibrate(world, round.video, { runs: 1, outcome: "ended" }));
        known.set(name, calibration);
        await play(context, world, round, calibration);
        removeCause();
      }
    }
  },
};

/** There may be other nodes between Catch and the stop, which have the failure in memory when Node-RED is killed. */
function withPauseBehindCatch(nodes: readonly FlowNode[]): FlowNode[] {
  const stop = nodes.find(({ type }) => type === "lightly-ec2-stop");
  const told = nodes.find(
    ({ type, wires }) => type === "catch" && (wires as string[][]).flat().includes(stop?.id ?? ""),
  );
  if (stop === undefined || told === undefined) {
    throw new Error("The example has no Catch node that leads to its stop.");
  }
  const pause: FlowNode = {
    id: "a1f0000000000f01",
    type: "delay",
    z: told.z,
    pauseType: "delay",
    timeout: String(PAUSE_MS),
    timeoutUnits: "milliseconds",
    outputs: 1,
    x: 640,
    y: 500,
    wires: [[stop.id]],
  };
  const wires = (told.wires as string[][]).map((to) => to.map((id) => (id === stop.id ? pause.id : id)));
  return [...nodes.map((node) => (node === told ? { ...node, wires } : node)), pause];
}

async function play(
  { seed, keep, report }: KindContext,
  world: World,
  round: FailingRound,
  calibration: Calibration,
): Promise<void> {
  const { nr, cause, video, slow } = round;
  const { first, second } = momentsOf(seed, round, calibration, FAILURE_CAUSES.length);
  const kills = [first, ...(second ? [second] : [])].map(describeMoment).join(", again ");
  const { faults } = world.sandbox;
  const result = await playRound({
    world,
    kind: "failing",
    nr,
    seed,
    what: `${cause.name}; ${kills}${slow ? `; then ${slow} is slow` : ""}`,
    video,
    expectation: { runs: 1, outcome: "ended", mayNotBegin: true },
    limitMs: LIMIT_MS,
    keep,
    play: async (before) => {
      await killDuringRun(world, before, first, LIMIT_MS, () => world.trigger());
      if (slow) {
        faults.add({ service: slow, kind: "latency", latencyMs: SLOW_MS });
      }
      if (second) {
        await killAgain(world, before, second, LIMIT_MS);
      }
      const restartedAt = Date.now();
      await world.start();
      return { restartedAt };
    },
    moreChecks: ({ runs }) =>
      runs
        .map(describeEnd)
        .filter((end) => end !== calibration.end)
        .map((end) => `the run ended as ${end}, and without a kill as ${calibration.end}`),
  });
  report(result);
  faults.clear();
  if (result.verdict === "failed") {
    await cleanUp(world);
  }
}
