import type { JobReport } from "../../services/batch/job/job-report.ts";
import type { AwsAccountNode } from "../lightly-aws-account/lightly-aws-account.ts";
import { accountOf } from "../shared/accounts/account.ts";
import type { NodeAPI, StepDef } from "../shared/node-red.ts";
import { idOf } from "../shared/step/checkpoint.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { forgetAbandoned } from "../shared/step/waits/abandoned-wait.ts";
import { awaitJob, decisiveReport } from "./await-job.ts";
import { recordTerminated } from "./container-use.ts";
import { readJobForm } from "./job-form.ts";
import { jobResult } from "./job-result.ts";
import { endedChildren, showJob, shownState } from "./show-job.ts";
import { findFinalJob, findOwnJob, JOB_IDS, type OwnJob, submitOrFind, submitOrFindFinal } from "./submit-or-find.ts";
import { WorkerEvents } from "./worker-events.ts";

/**
 * The first output sends when the job has succeeded (or, if the step does not wait for that, was submitted), the second one when it has failed
 * or was terminated (or has ended in any way), the third one its progress. A failed job is a failed step, unless the flow did not wait for its
 * end and another step of the run waits for the selection of this worker: then that step decides.
 */
export async function runJob(red: NodeAPI, def: StepDef, context: StepContext): Promise<Record<string, unknown>> {
  const { msg, send, signal, status } = context;
  const clients = await accountOf<AwsAccountNode>(red, def, "lightly-aws-account").clients();
  // The whole form is read before anything is submitted, because a step that fails later leaves its job running.
  const form = await readJobForm(context.inputs, { isSubmitted: idOf(context.checkpoint, "jobName") !== undefined });
  const [batch, logs] = [await clients.batch(), await clients.logs()];
  await forgetAbandoned(context, JOB_IDS);
  const submit = { batch, s3: () => clients.s3(), form };
  const job = await submitOrFind(context, submit);
  const events = new WorkerEvents(context, job.jobId);
  const news = progressSender(red, context, job);
  const end = await awaitJob(context, {
    ...{ batch, logs, job },
    capacityTimeoutMs: form.capacityTimeoutMs,
    startTimeoutMs: form.startTimeoutMs,
    pollMs: form.pollMs,
    timeoutMs: form.timeoutMs,
    submitFinal: () => submitOrFindFinal(context, submit, job),
    onSubmitted: () => {
      status.show("waiting", "submitted");
      if (!form.waitsForEnd) {
        send({ ...red.util.cloneMessage(msg), payload: "SUBMITTED", batch: { ...job, state: "SUBMITTED" } });
      }
    },
    onReport: (report, waitingReason) => {
      const isFinal = report.jobId !== job.jobId;
      showJob(context, report, { waitingReason, isFinal });
      if (shownState(report) === "RUNNING") {
        events.started();
      }
      news(report, waitingReason);
    },
  });
  const result = await jobResult(context, end, { batch, logs, job, items: form.items?.items ?? [] });
  const decisive = decisiveReport(end);
  msg.batch = result;
  msg.payload = decisive.state;
  if (decisive.state === "SUCCEEDED") {
    const { children } = end.job;
    events.ended(undefined);
    status.show("done", children ? "childrenSucceeded" : "succeeded", { size: children?.size ?? 1 });
    send(msg, form.waitsForEnd ? 0 : 1);
    return { batch: result };
  }
  const { jobError } = await import("../../services/batch/job/job-end.ts");
  const failure = jobError(decisive);
  events.ended(failure.message);
  msg.batch = { ...result, error: { code: failure.code, message: failure.message } };
  showFailed(context, decisive);
  send(msg, 1);
  if (signal.aborted) {
    context.endAborted();
  } else if (form.waitsForEnd || context.events.latest("selection") === undefined) {
    context.failAfterSending(failure);
  }
  return { batch: msg.batch };
}

function showFailed({ status, signal }: StepContext, end: JobReport): void {
  if (signal.aborted) {
    status.show("aborted", "canceled");
  } else if (end.children) {
    status.show("failed", "childrenFailed", { ...endedChildren(end), size: end.children.size });
  } else {
    status.show("failed", "failed");
  }
}

/** Sends a message by the third output when the state, the reason or the number of ended children has changed. */
function progressSender(
  red: NodeAPI,
  { msg, notify }: StepContext,
  job: OwnJob,
): (report: JobReport, waitingReason: string | undefined) => void {
  let last = "";
  return (report, waitingReason) => {
    const state = shownState(report);
    const children = report.children && { size: report.children.size, ...endedChildren(report) };
    const batch = {
      ...{ ...job, state },
      ...(report.jobId !== job.jobId && { final: { jobId: report.jobId, jobName: report.jobName } }),
      ...(waitingReason !== undefined && { reason: waitingReason }),
      ...(children && { children }),
    };
    const now = JSON.stringify(batch);
    if (now !== last) {
      last = now;
      notify({ ...red.util.cloneMessage(msg), payload: state, batch }, 2);
    }
  };
}

/** Terminates the jobs of a run that has ended. */
export async function undo(red: NodeAPI, def: StepDef, context: StepContext): Promise<void> {
  const batch = await (await accountOf<AwsAccountNode>(red, def, "lightly-aws-account").clients()).batch();
  const signal = AbortSignal.timeout(UNDO_TIMEOUT_MS);
  const jobs = await Promise.all([findOwnJob(batch, context, signal), findFinalJob(batch, context, signal)]);
  const { terminateJob } = await import("../../services/batch/job/terminate-job.ts");
  const limits = { timeoutMs: UNDO_TIMEOUT_MS, pollMs: UNDO_POLL_MS, signal };
  const ended = await Promise.all(
    jobs.map((job) => job && terminateJob({ batch, jobId: job.jobId, reason: "Its run has ended.", ...limits })),
  );
  await recordTerminated(context, batch, ended);
}

const UNDO_TIMEOUT_MS = 60_000;
const UNDO_POLL_MS = 2000;
