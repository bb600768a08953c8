import { join } from "node:path";
import type { FaultKind, FaultRule, FaultService } from "lightly-aws-sandbox";
import { type Calibration, calibrate } from "../calibration.ts";
import { cleanUp } from "../clean-up.ts";
import { awaitEnd } from "../ending.ts";
import { playRound } from "../round.ts";
import { Choices } from "../seeded.ts";
import type { VideoSize } from "../video-files.ts";
import type { FlowNode, World } from "../world.ts";
import { type Kind, type KindContext, roundNumbers } from "./kind.ts";

/** The wrong response of an operation. */
const FAULTS: ReadonlyArray<{ readonly name: string; readonly kind: FaultKind; readonly status?: number }> = [
  { name: "hang", kind: "hang" },
  { name: "reset", kind: "reset" },
  { name: "throttle", kind: "throttle" },
  { name: "500", kind: "status", status: 500 },
  { name: "503", kind: "status", status: 503 },
  { name: "malformed", kind: "malformed" },
];

/** A fault of an operation, once or permanently. */
interface Cell {
  readonly video: VideoSize;
  readonly service: FaultService;
  readonly operation: string;
  readonly fault: (typeof FAULTS)[number];
  readonly forEver: boolean;
}

const LIMIT_MS = 120_000;
/** If no request succeeds, the instance can't be stopped: that must be reported, and the next run stops it. */
const STOP = "StopInstances";
const LOUD = /the instance may still run/;

/** One retry is enough. */
const FEW_RETRIES = { retries: "1" } as const;

/** Short limits for waits that a permanent fault lets time out. A minute takes 1.5 s. */
const SHORT_LIMITS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "lightly-ec2-start": { timeoutMinutes: "6", capacityTimeoutMinutes: "4" },
  "lightly-ssm-run-script": { deliveryTimeoutMinutes: "10" },
  "lightly-run": { timeoutHours: "0.24" },
  "lightly-ec2-stop": { timeoutMinutes: "6" },
};

/** Each operation of a run fails in each way: the run completes or fails with a code, and the instance is stopped. */
export const matrix: Kind = {
  name: "matrix",
  title: "each request of a run fails in each way, once or for ever",
  count: 6,
  run: async (context) => {
    const world = await context.open({
      flow: (nodes) =>
        nodes.map(
          (node): FlowNode => ({ ...node, ...("retries" in node ? FEW_RETRIES : {}), ...SHORT_LIMITS[node.type] }),
        ),
      environment: () => ({
        NODE_OPTIONS: `--require ${JSON.stringify(join(import.meta.dirname, "../fast-timers.cjs"))}`,
      }),
    });
    const cells = cellsOf([await calibrate(world, "small"), await calibrate(world, "large")]);
    context.note(`${cells.length} cells`);
    const chosen = context.all ? cells : new Choices(context.seed, "matrix").shuffled(cells.filter(isQuick));
    for (const nr of roundNumbers({ ...context, count: context.all ? cells.length : context.count })) {
      const cell = chosen[nr - 1];
      context.signal.throwIfAborted();
      if (cell !== undefined) {
        await play(context, world, nr, cell);
      }
    }
  },
};

function cellsOf(calibrations: readonly Calibration[]): Cell[] {
  const known = new Set<string>();
  return calibrations.flatMap(({ video, operations }) =>
    operations.flatMap(({ service, operation }) => {
      const key = `${service} ${operation}`;
      if (known.has(key)) {
        return [];
      }
      known.add(key);
      return FAULTS.flatMap((fault) =>
        [false, true].map((forEver) => ({ video, service: service as FaultService, operation, fault, forEver })),
      );
    }),
  );
}

/** Only with `--all`: permanent hangs, and a scheduled run of unknown state, which is searched for 15 s each time. */
function isQuick({ operation, fault, forEver }: Cell): boolean {
  return !forEver || !(fault.kind === "hang" || operation.endsWith("/docker/worker/schedule"));
}

async function play({ seed, keep, report }: KindContext, world: World, nr: number, cell: Cell): Promise<void> {
  const { video, service, operation, fault, forEver } = cell;
  const { faults } = world.sandbox;
  const isUnstoppable = operation === STOP && forEver;
  let wasLoud = false;
  const result = await playRound({
    world,
    kind: "matrix",
    nr,
    seed,
    what: `${service} ${operation} ${fault.name} ${forEver ? "for ever" : "once"}`,
    video,
    expectation: { runs: isUnstoppable ? 2 : 1, outcome: "ended", ...(forEver ? { excused: [service] } : {}) },
    limitMs: LIMIT_MS,
    keep,
    play: async ({ runs }) => {
      faults.add(ruleOf(cell));
      await world.trigger();
      if (isUnstoppable) {
        await awaitEnd(world, { before: runs, expected: 1, limitMs: LIMIT_MS });
        wasLoud = world.log.some((line) => LOUD.test(line));
        faults.clear();
        await world.trigger();
      }
      return undefined;
    },
    moreChecks: () => (isUnstoppable && !wasLoud ? ["no error says that the instance may still run"] : []),
  });
  report(result);
  faults.clear();
  if (result.verdict === "failed" || forEver) {
    await cleanUp(world);
  }
}

function ruleOf({ service, operation, fault, forEver }: Cell): FaultRule {
  return {
    service,
    operation,
    kind: fault.kind,
    ...(fault.status === undefined ? {} : { status: fault.status }),
    ...(forEver ? {} : { times: 1 }),
  };
}
