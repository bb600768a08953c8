import { setTimeout as pause } from "node:timers/promises";
import type { FaultRule } from "lightly-aws-sandbox";
import { calibrate } from "../calibration.ts";
import { cleanUp } from "../clean-up.ts";
import { awaitOff } from "../ending.ts";
import { quickFlow } from "../quick-flow.ts";
import { playRound, until } from "../round.ts";
import { Choices } from "../seeded.ts";
import type { World } from "../world.ts";
import { type Kind, type KindContext, roundNumbers } from "./kind.ts";

const LIMIT_MS = 60_000;
/** The time limit of ec2 stop. The instance's guard continues after it. */
const STOP_MINUTES = 0.1;
const MAX_MS = 6000;
const EARLIEST_MS = 400;
/** The pauses of the guard grow to about the duration of the refusal. */
const STOP_WITHIN_MS = 15_000;

/** How EC2 refuses. */
const REFUSALS: ReadonlyArray<Pick<FaultRule, "kind" | "status" | "code">> = [
  { kind: "status", status: 401, code: "AuthFailure" },
  { kind: "status", status: 403, code: "UnauthorizedOperation" },
  { kind: "status", status: 400, code: "OperationNotPermitted" },
  { kind: "status", status: 500, code: "InternalError" },
  { kind: "latency" },
];
const OPERATIONS = ["StopInstances", "DescribeInstances", "both"] as const;

/** EC2 refuses the stop for some time: the instance is stopped when that is over, and it is reported once at most. */
export const refused: Kind = {
  name: "refused",
  title: "EC2 refuses the stop, or says nothing of the instance, for a while",
  count: 3,
  run: async (context) => {
    const world = await context.open({
      flow: quickFlow({ "lightly-ec2-stop": { timeoutMinutes: String(STOP_MINUTES) } }),
    });
    await calibrate(world, "small");
    const choices = new Choices(context.seed, "refused");
    const cases = choices.shuffled(OPERATIONS.flatMap((operation) => REFUSALS.map((how) => ({ operation, how }))));
    for (const nr of roundNumbers({ ...context, count: context.all ? cases.length : context.count })) {
      const chosen = cases[(nr - 1) % cases.length];
      if (chosen !== undefined) {
        context.signal.throwIfAborted();
        await play(context, world, { nr, ...chosen });
      }
    }
  },
};

async function play(
  { seed, keep, report }: KindContext,
  world: World,
  { nr, operation, how }: { nr: number; operation: (typeof OPERATIONS)[number]; how: (typeof REFUSALS)[number] },
): Promise<void> {
  const choices = new Choices(seed, "refused", nr);
  // From the moment when the worker has its command, so that the start is not affected.
  const fromMs = choices.whole(0, EARLIEST_MS);
  const forMs = choices.whole(500, MAX_MS);
  const { faults, record, instanceId } = world.sandbox;
  const isStopped = (): boolean =>
    record.instances().some((one) => one.instanceId === instanceId && one.state === "stopped");
  const refusal = how.kind === "latency" ? "is slow" : `answers ${how.status} ${how.code}`;
  let isLate = false;
  const result = await playRound({
    world,
    kind: "refused",
    nr,
    seed,
    what: `${operation} ${refusal} from ${fromMs} ms after the worker's command for ${(forMs / 1000).toFixed(1)} s`,
    video: "small",
    expectation: { runs: 1, outcome: "over", alarms: 1 },
    limitMs: LIMIT_MS,
    keep,
    play: async (before) => {
      await world.trigger();
      await until("the worker", () => workerOf(world, before.eventId), LIMIT_MS);
      await pause(fromMs);
      world.note("EC2 refuses");
      const rules = (operation === "both" ? OPERATIONS.slice(0, 2) : [operation]).map((name) =>
        faults.add({
          ...how,
          service: "ec2",
          operation: name,
          ...(how.kind === "latency" ? { latencyMs: forMs } : {}),
        }),
      );
      await pause(forMs);
      for (const id of rules) {
        faults.remove(id);
      }
      world.note("EC2 does as it is told");
      isLate = await until("the stop", isStopped, STOP_WITHIN_MS).then(
        () => false,
        () => true,
      );
      return undefined;
    },
    end: ({ runs }) => awaitOff(world, { before: runs, expected: 1, limitMs: LIMIT_MS }),
    moreChecks: () => (isLate ? [`the instance was on ${STOP_WITHIN_MS / 1000} s after EC2 refused no more`] : []),
  });
  report(result);
  faults.clear();
  if (result.verdict === "failed") {
    await cleanUp(world);
  }
}

function workerOf({ sandbox }: World, eventId: number): boolean {
  return sandbox.events.list({ after: eventId, kind: "worker" }).length > 0;
}
