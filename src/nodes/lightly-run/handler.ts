import type { ErrorCode } from "../../errors/error-codes.ts";
import { ownEntry } from "../../errors/own-entry.ts";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { plainState } from "../../records/progress.ts";
import type { StepRecord } from "../../records/run-record.ts";
import type { LightlyClient } from "../../services/lightly/client/lightly-client.ts";
import type { LightlyRunReport } from "../../services/lightly/runs/lightly-run-report.ts";
import type { WorkerConfig } from "../../services/lightly/workers/worker-config.ts";
import type { LightlyAccountNode } from "../lightly-account/lightly-account.ts";
import { accountOf } from "../shared/accounts/account.ts";
import type { NodeAPI, StepDef } from "../shared/node-red.ts";
import { idOf } from "../shared/step/checkpoint.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { forgetAbandoned } from "../shared/step/waits/abandoned-wait.ts";
import { awaitSelection, type SelectionEnd } from "./await-selection.ts";
import { checkAccess } from "./check-access.ts";
import { fields } from "./fields.ts";
import { type LightlyRunNode, runRequest } from "./run-request.ts";

/** Schedules a Lightly run, waits for its end, and sends the result: completed by the first output, any other end by the second one. */
export async function selectWithLightly(
  red: NodeAPI,
  node: LightlyRunNode,
  def: StepDef,
  context: StepContext,
): Promise<Record<string, unknown>> {
  const { msg, send, inputs, status } = context;
  const { client, pollMs } = await accountOf<LightlyAccountNode>(red, def, "lightly-account").connect();
  const request = await runRequest(node, inputs);
  // The whole form is read before anything is scheduled: a step that fails later leaves its scheduled run behind.
  const { timeoutMs, workerTimeoutMs: workerWithinMs } = await inputs.read(
    fields,
    "timeoutHours",
    "workerTimeoutMinutes",
  );
  context.events.emit({ kind: "selection", state: "awaited" });
  await forgetAbandoned(context, ["configId", "scheduledRunId"]);
  const ids = { datasetName: request.dataset.name, ...(await scheduledRun(client, request, context)) };
  status.show("waiting", "scheduled");

  const end = await awaitSelection(context, {
    client,
    ...ids,
    pollMs,
    workerWithinMs,
    timeoutMs,
    waitedMs: context.elapsedMs,
    onState: (report) => sendProgress(red, context, { ...ids, ...report }),
  });
  msg.lightly = { ...ids, ...end };
  msg.payload = end.state;
  if (end.endState === "COMPLETED") {
    if (end.tag) {
      status.show("done", "selected", { selected: end.tag.selectedCount });
    } else {
      status.show("done", "completed");
    }
    send(msg);
  } else {
    status.show(context.signal.aborted ? "aborted" : "failed", "ended", { state: stateWords(red, end.state) });
    send(msg, 1);
    if (context.signal.aborted) {
      context.endAborted();
    } else {
      context.failAfterSending(endError(ids.scheduledRunId, end));
    }
  }
  return { lightly: msg.lightly };
}

/** Creates the error of a run that has not completed. For the flow its end is a result, for the step a failure. */
function endError(scheduledRunId: string, { endState, state, message }: SelectionEnd): PipelineError {
  return new PipelineError(
    `LIGHTLY_RUN_${endState}` as ErrorCode,
    `The Lightly run ${scheduledRunId} has ended as ${state}${message === undefined ? "." : `: ${message}`} See its log in the Lightly app.`,
    { details: { scheduledRunId, state } },
  );
}

/** Schedules the run, or finds the one that an earlier attempt has scheduled. */
async function scheduledRun(
  client: LightlyClient,
  request: Awaited<ReturnType<typeof runRequest>>,
  context: StepContext,
): Promise<{ datasetId: string; configId: string; scheduledRunId: string }> {
  const { signal, status } = context;
  const [known, configId, scheduledRunId] = ["datasetId", "configId", "scheduledRunId"].map((name) =>
    idOf(context.checkpoint, name),
  );
  if (known !== undefined && configId !== undefined && scheduledRunId !== undefined) {
    return { datasetId: known, configId, scheduledRunId };
  }
  const { prepareDataset } = await import("../../services/lightly/datasets/prepare-dataset.ts");
  const { scheduleRun } = await import("../../services/lightly/runs/schedule-run.ts");
  status.show("working", "preparing");
  const { datasetId } = await prepareDataset({ client, ...request.dataset, signal });
  // A later step of this run may copy frames with its AWS account only from these datasources.
  const datasources = request.dataset.datasources.map(({ uri }) => uri);
  await context.saveCheckpoint({ datasetId, ...(datasources.length > 0 && { datasources }) });
  if (!bypassesVerification(request.schedule.worker)) {
    await checkAccess(context, { client, datasetId, datasetName: request.dataset.name, ...request.dataset });
  }
  // From here on, ec2 start of this run may start the instance.
  await context.saveCheckpoint({ accessChecked: true });
  // A worker takes the oldest scheduled run, so earlier runs must schedule first.
  const isScheduled = ({ checkpoint }: StepRecord): boolean => checkpoint?.scheduledRunId !== undefined;
  await context.waitForEarlierRuns(isScheduled, () => status.show("waiting", "queued"));
  const scheduled = await scheduleRun({
    client,
    datasetId,
    ...request.schedule,
    signal,
    onConfig: (id) => context.saveIntent({ configId: id }),
    configId: datasetId === known ? configId : undefined,
  });
  await context.saveCheckpoint(scheduled);
  return { datasetId, ...scheduled };
}

/** Whether the worker options disable the verification of the datasources: then the step does not verify them either. */
function bypassesVerification({ docker }: WorkerConfig): boolean {
  return docker?.datasource?.bypassVerify === true;
}

/** Cancels the scheduled Lightly run of a run that has ended. */
export async function undo(red: NodeAPI, def: StepDef, context: StepContext): Promise<void> {
  const datasetId = idOf(context.checkpoint, "datasetId");
  const configId = idOf(context.checkpoint, "configId");
  if (datasetId === undefined || configId === undefined) {
    return;
  }
  const { client } = await accountOf<LightlyAccountNode>(red, def, "lightly-account").connect();
  const { findScheduledRuns } = await import("../../services/lightly/runs/find-scheduled-runs.ts");
  const { cancelRun } = await import("../../services/lightly/runs/cancel-run.ts");
  const signal = AbortSignal.timeout(UNDO_TIMEOUT_MS);
  for (const { id } of await findScheduledRuns({ client, datasetId, configId, signal })) {
    if ((await cancelRun({ client, datasetId, scheduledRunId: id, signal })) === "running") {
      context.warn(`A worker already has the Lightly run ${id}: only stopping its instance ends it.`);
    }
  }
}

/** The states of a Lightly run that users meet, by the key of their words. The worker has further ones, which are shown in lower case. */
const STATE_KEYS: Readonly<Record<string, string>> = {
  OPEN: "open",
  LOCKED: "taken",
  STARTED: "started",
  INITIALIZING: "started",
  LOADING_DATASET: "reading",
  COMPUTING_METADATA: "reading",
  EMBEDDING: "embedding",
  SAMPLING: "selecting",
  SELECTING: "selecting",
  SAVING_RESULTS: "saving",
  UPLOADING_DATASET: "saving",
  GENERATING_REPORT: "saving",
  UPLOADING_REPORT: "saving",
  UPLOADED_REPORT: "saving",
  UPLOADING_ARTIFACTS: "saving",
  UPLOADED_ARTIFACTS: "saving",
  FAILED: "failed",
  CRASHED: "crashed",
  ABORTED: "aborted",
  CANCELED: "canceled",
  DETACHED: "detached",
};

function stateWords(red: NodeAPI, state: string): string {
  const key = ownEntry(STATE_KEYS, state);
  return key === undefined ? plainState(state) : red._(`lightly-run.status.words.${key}`);
}

const UNDO_TIMEOUT_MS = 30_000;

function sendProgress(red: NodeAPI, context: StepContext, report: LightlyRunReport & { elapsedMs: number }): void {
  const { msg, notify, status } = context;
  const { state, message, elapsedMs } = report;
  context.progress({ state, message });
  context.phase(state);
  const minutes = Math.floor(elapsedMs / 60_000);
  status.show("waiting", minutes > 0 ? "longState" : "state", { state: stateWords(red, state), minutes });
  const progress = red.util.cloneMessage(msg);
  notify({ ...progress, payload: state, lightly: report }, 2);
}
