import type { RunRecord } from "../../../src/records/run-record.ts";
import { calibrate } from "../calibration.ts";
import { cleanUp } from "../clean-up.ts";
import { awaitOff } from "../ending.ts";
import { describeMoment, injectAt, type Moment } from "../moment.ts";
import { quickFlow } from "../quick-flow.ts";
import { playRound, until } from "../round.ts";
import { Choices } from "../seeded.ts";
import { cancelInTheApp, startWorkerElsewhere } from "../with-ec2.ts";
import type { FlowNode, World } from "../world.ts";
import { type Kind, type KindContext, roundNumbers } from "./kind.ts";

const LIMIT_MS = 40_000;
/** The maximum delay of the upload: long enough that the selection is over before the instance starts. */
const MAX_UPLOAD_MS = 1500;
/** The instance takes about as long from its start to the worker. */
const LATEST_MS = 500;
const CANCEL_PATH = "/chaos/cancel";

/** Ways in which a selection ends without the run's own worker, and the state and error of the run after each of them. */
const ENDS = {
  "canceled in the Lightly app": "failed: LIGHTLY_RUN_CANCELED",
  "msg.cancel": "aborted: ABORTED",
  "done by another worker": "completed: no error",
  "crashed at another worker": "failed: LIGHTLY_RUN_CRASHED",
} as const;
type Way = keyof typeof ENDS;
const WAYS = Object.keys(ENDS) as Way[];

/** The selection ends before, during or after the start of the instance: nothing is started after its end, and the instance is stopped. */
export const order: Kind = {
  name: "order",
  title: "the selection ends at any moment of the other branch",
  count: 4,
  run: async (context) => {
    const world = await context.open({ flow: (nodes) => withCancel(quickFlow()(nodes)) });
    await calibrate(world, "small");
    const ways = new Choices(context.seed, "order").shuffled(WAYS);
    for (const nr of roundNumbers(context)) {
      context.signal.throwIfAborted();
      await play(context, world, nr, ways[(nr - 1) % ways.length] ?? "msg.cancel");
    }
  },
};

async function play({ seed, keep, report }: KindContext, world: World, nr: number, way: Way): Promise<void> {
  const choices = new Choices(seed, "order", nr);
  const uploadMs = choices.whole(0, MAX_UPLOAD_MS);
  const moment = momentOf(choices, uploadMs);
  const { faults } = world.sandbox;
  let dismiss = (): Promise<void> => Promise.resolve();
  const result = await playRound({
    world,
    kind: "order",
    nr,
    seed,
    what: `${way} ${describeMoment(moment)}, upload of ${uploadMs} ms`,
    video: "small",
    expectation: { runs: 1, outcome: "over" },
    limitMs: LIMIT_MS,
    keep,
    play: async ({ schedules }) => {
      faults.add({ service: "s3", operation: "PutObject", kind: "latency", latencyMs: uploadMs });
      let runId: string | undefined;
      const scheduled = (): string | undefined =>
        world.sandbox.record.scheduledRuns().find(({ id }) => !schedules.has(id))?.id;
      const injection = injectAt(world, moment, async () => {
        await until("the schedule", () => runId !== undefined && scheduled() !== undefined, LIMIT_MS);
        world.note(way);
        if (way === "canceled in the Lightly app") {
          await cancelInTheApp(world, scheduled() ?? "");
        } else if (way === "msg.cancel") {
          await fetch(`${world.url}${CANCEL_PATH}/${runId}`, { method: "POST" });
        } else {
          dismiss = startWorkerElsewhere(world, way === "done by another worker" ? "" : "crash");
        }
      });
      runId = await world.trigger();
      await injection.injected;
      return undefined;
    },
    end: ({ runs }) => awaitOff(world, { before: runs, expected: 1, limitMs: LIMIT_MS }),
    // After any end of a selection in Lightly, the flow continues with an output of its step.
    moreChecks: ({ runs }) => [
      ...runs
        .filter((run) => endOf(run) !== ENDS[way] && !isOvertaken(run))
        .map((run) => `the run ended as ${endOf(run)}, not as ${ENDS[way]}`),
      ...runs
        .filter(({ steps }) => steps.filter(({ type }) => type === "lightly-ec2-stop").length !== 1)
        .map(() => "the stop was not asked for once"),
      ...world.log.filter((line) => line.includes("[error]")).map((line) => `an error was told: ${line}`),
    ],
  });
  faults.clear();
  await dismiss();
  report(result);
  if (result.verdict === "failed") {
    await cleanUp(world);
  }
}

function endOf({ state, error }: RunRecord): string {
  return `${state}: ${error?.code ?? "no error"}`;
}

/** Whether the run's own worker took the selection before the other one, or before it was canceled. */
function isOvertaken(run: RunRecord): boolean {
  const isOwnWorker = ({ type, state }: RunRecord["steps"][number]) =>
    type === "lightly-ssm-run-script" && state === "completed";
  return endOf(run) === ENDS["done by another worker"] && run.steps.some(isOwnWorker);
}

/** Before the start of the instance, around its start, or around the commands that set its timer and run the worker. */
function momentOf(choices: Choices, uploadMs: number): Moment {
  const operation = choices.one(["", "StartInstances", "SendCommand"]);
  return operation === ""
    ? { by: "time", ms: choices.number(0, uploadMs) }
    : {
        by: "request",
        operation,
        phase: choices.one(["arrived", "answering", "answered"]),
        nth: operation === "SendCommand" ? choices.whole(1, 2) : 1,
        delayMs: choices.whole(0, LATEST_MS),
      };
}

/** An address that sends msg.cancel to the selection. */
function withCancel(nodes: readonly FlowNode[]): FlowNode[] {
  const select = nodes.find(({ type }) => type === "lightly-run");
  const z = select?.z;
  const rules = [
    { t: "set", p: "cancel", pt: "msg", to: "true", tot: "bool" },
    { t: "set", p: "runId", pt: "msg", to: "req.params.id", tot: "msg" },
  ];
  return [
    ...nodes,
    { id: "c1", type: "http in", z, url: `${CANCEL_PATH}/:id`, method: "post", wires: [["c2"]] },
    { id: "c2", type: "change", z, rules, wires: [[select?.id, "c3"]] },
    { id: "c3", type: "http response", z, statusCode: "202", wires: [] },
  ];
}
