import type { RunReport } from "../../services/lightly/run-report.ts";
import type { LightlyAccountNode } from "../lightly-account/lightly-account.ts";
import { accountOf } from "../shared/account.ts";
import type { Message, NodeAPI, StepDef } from "../shared/node-red.ts";
import { type StepContext, stepNode } from "../shared/step-node.ts";
import { hours } from "../shared/waiting.ts";
import { awaitSelection } from "./await-selection.ts";
import { type LightlyRunNode, runRequest, type Secrets } from "./run-request.ts";

export default function lightlyRun(red: NodeAPI): void {
  red.nodes.registerType<LightlyRunNode, StepDef, object, Secrets>(
    "lightly-lightly-run",
    function (this: LightlyRunNode, def: StepDef) {
      red.nodes.createNode(this, def);
      stepNode(red, this, def, {
        handle: (context) => run(red, this, def, context),
        control: cancelOnRequest,
      });
    },
    { credentials: { accessKeyId: { type: "text" }, secretAccessKey: { type: "password" } } },
  );
}

/** `msg.cancel` cancels the run that `msg.runId` names, or all that this node has in hand. */
function cancelOnRequest(msg: Message, working: readonly StepContext["step"][]): boolean {
  if (msg.cancel !== true) {
    return false;
  }
  for (const step of working) {
    if (msg.runId === undefined || msg.runId === step.runId) {
      step.abort("canceled", "a message with msg.cancel asked for it.");
    }
  }
  return true;
}

async function run(
  red: NodeAPI,
  node: LightlyRunNode,
  def: StepDef,
  context: StepContext,
): Promise<Record<string, unknown>> {
  const { msg, send, step, signal, inputs, status } = context;
  const { client, pollMs } = await accountOf<LightlyAccountNode>(red, def, "lightly-lightly-account").connect();
  const request = await runRequest(node, inputs);
  // All of the form before anything is scheduled: a step that fails behind the scheduled run leaves it behind.
  const timeoutMs = await hours(inputs, "timeoutHours", 48);
  const { prepareDataset } = await import("../../services/lightly/prepare-dataset.ts");
  const { scheduleRun } = await import("../../services/lightly/schedule-run.ts");
  step.tell({ kind: "selection", state: "awaited" });

  status.show("working", "preparing");
  const { datasetId } = await prepareDataset({ client, ...request.dataset, signal });
  await step.checkpoint({ datasetId });
  const onConfig = (configId: string): Promise<void> => step.checkpoint({ configId });
  const scheduled = await scheduleRun({ client, datasetId, ...request.schedule, signal, onConfig });
  await step.checkpoint(scheduled);
  const ids = { datasetId, datasetName: request.dataset.name, ...scheduled };
  status.show("waiting", "scheduled");

  const end = await awaitSelection(context, {
    client,
    ...ids,
    pollMs,
    timeoutMs,
    onState: (report) => sendProgress(red, context, { ...ids, ...report }),
  });
  msg.lightly = { ...ids, ...end };
  msg.payload = end.state;
  if (end.end === "COMPLETED") {
    status.show("done", "completed");
    send([msg, null, null]);
  } else {
    status.show("failed", "ended", { state: end.state });
    send([null, msg, null]);
  }
  return { lightly: msg.lightly };
}

function sendProgress(
  red: NodeAPI,
  { msg, send, step, status }: StepContext,
  report: RunReport & { elapsedMs: number },
): void {
  const { state, message, elapsedMs } = report;
  step.progress({ state, ...(message === undefined ? {} : { message }) });
  status.show("waiting", "state", { state, minutes: Math.floor(elapsedMs / 60_000) });
  const progress = red.util.cloneMessage(msg);
  send([null, null, { ...progress, payload: state, lightly: report }]);
}
