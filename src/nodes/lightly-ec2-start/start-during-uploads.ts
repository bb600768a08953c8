import { PipelineError } from "../../errors/pipeline-error.ts";
import { type Clock, systemClock } from "../../polling/clock.ts";
import { fixedDelay } from "../../polling/delay.ts";
import { pollUntil } from "../../polling/poll-until.ts";
import { START_PHASES } from "../../records/start-times.ts";
import type { StepContext } from "../shared/step/step-context.ts";

/** The parts of a start, and its times in milliseconds. */
export interface StartDuringUploadsOptions<T> {
  /** How long before the expected end of the uploads to start: the time that the instances need. If that is not known: after the end. */
  readonly leadMs: number | undefined;
  /** How long to wait for an upload to begin. */
  readonly limitMs: number;
  /** Starts the instances, and resolves when they are ready. */
  readonly start: () => Promise<T>;
  /** Whether the run pays for instances that wait: it has started one of them. */
  readonly isPaid: () => boolean;
  /** Gives the instances back: stops those that the run has started. Does not wait for that longer than for the end of the uploads. */
  readonly giveBack: (uploadsEnd: Promise<void>) => Promise<void>;
  readonly clock?: Clock;
}

/** The checks read records in memory. Nothing is paid before the start. */
const POLL_MS = 1000;
/** While the instances wait, each moment is paid. */
const PAID_CHECK_MS = 200;
/** How long ready instances wait for the end of the uploads. EC2 charges at least a minute for each start, so this is at most doubled. */
const PATIENCE_MS = 60_000;
const UPLOADS_END = "the uploads of the run to end";

/**
 * Starts instances shortly before the uploads of the run end, so that they are ready when the worker can begin. If the uploads take longer
 * than expected, the instances are stopped after a minute, once, and started again when the uploads are done.
 *
 * A resumed step continues: instances that were started are not waited for again.
 *
 * @returns the result of `start`, when all uploads of the run are done
 * @throws PipelineError `TIMED_OUT` if no upload begins, `ABORTED`, and what `start` throws
 */
export async function startDuringUploads<T>(context: StepContext, options: StartDuringUploadsOptions<T>): Promise<T> {
  for (;;) {
    const isEarly = context.checkpoint.startedTooEarly === true;
    if (isEarly && context.checkpoint.leased === true) {
      await giveBack(context, options);
    }
    if (context.checkpoint.leased !== true) {
      await untilUploadsEndIn(isEarly ? undefined : options.leadMs, context, options);
    }
    const started = await options.start();
    if (await haveUploadsEnded(context, options)) {
      return started;
    }
    await context.saveIntent({ startedTooEarly: true });
  }
}

async function giveBack<T>(
  context: StepContext,
  { giveBack: giveBackAll, clock = systemClock }: StartDuringUploadsOptions<T>,
): Promise<void> {
  const over = new AbortController();
  const uploadsEnd = pollUntil<undefined>({
    goal: UPLOADS_END,
    delay: fixedDelay(POLL_MS),
    timeoutMs: Number.POSITIVE_INFINITY,
    signal: AbortSignal.any([context.signal, over.signal]),
    clock,
    check: async () => (context.uploads.isDone ? { done: undefined } : { wait: "uploading" }),
  }).catch(() => undefined);
  try {
    await giveBackAll(uploadsEnd);
  } finally {
    over.abort();
  }
}

async function untilUploadsEndIn<T>(
  leadMs: number | undefined,
  context: StepContext,
  { limitMs, clock = systemClock }: StartDuringUploadsOptions<T>,
): Promise<void> {
  const { signal } = context;
  const wait = { delay: fixedDelay(POLL_MS), signal, clock };
  const isNear = (): boolean => {
    const { isDone, leftMs } = context.uploads;
    return isDone || (leadMs !== undefined && leftMs <= leadMs);
  };
  if (!isNear()) {
    context.phase(START_PHASES.before);
    context.progress({ state: "waiting", message: "an upload is running", doing: { key: "uploading", values: {} } });
    context.status.show("waiting", "uploading");
  }
  const untilUploadBegins = (): Promise<undefined> =>
    pollUntil<undefined>({
      ...wait,
      goal: "an upload of the run to begin",
      timeoutMs: limitMs,
      check: async () => (context.uploads.isKnown ? { done: undefined } : { wait: "no upload" }),
    }).catch((error: unknown) => {
      throw error instanceof PipelineError && error.code === "TIMED_OUT" ? withoutUpload(error) : error;
    });
  // Returns false if none is left to wait for: the message of an upload did not reach it, because a folder is empty, or a switch drops it.
  const untilNear = (): Promise<boolean> =>
    pollUntil<boolean>({
      ...wait,
      goal: UPLOADS_END,
      timeoutMs: Number.POSITIVE_INFINITY,
      check: async () => (isNear() || !context.uploads.isKnown ? { done: isNear() } : { wait: "uploading" }),
    });
  do {
    await untilUploadBegins();
  } while (!(await untilNear()));
}

/** Whether the uploads end while it is worthwhile to keep the instances on. An instance that is lost in the meantime is started again later. */
async function haveUploadsEnded<T>(
  context: StepContext,
  { isPaid, clock = systemClock }: StartDuringUploadsOptions<T>,
): Promise<boolean> {
  if (context.uploads.isDone) {
    return true;
  }
  let isLost = false;
  const unsubscribe = context.events.subscribeNew("instances-lost", () => {
    isLost = true;
  });
  context.phase(START_PHASES.after);
  context.progress({ state: "ready", message: "an upload is running", doing: { key: "readyEarly", values: {} } });
  context.status.show("waiting", "readyEarly");
  const since = clock.now();
  try {
    return await pollUntil<boolean>({
      goal: UPLOADS_END,
      delay: fixedDelay(PAID_CHECK_MS),
      timeoutMs: Number.POSITIVE_INFINITY,
      signal: context.signal,
      clock,
      check: async () => {
        if (context.uploads.isDone) {
          return { done: !isLost };
        }
        const isOverdue = isPaid() && clock.now() - since >= PATIENCE_MS;
        if (!isLost && !isOverdue) {
          return { wait: "uploading" };
        }
        context.warn(`${isLost ? LOST : OVERDUE} It is started again when the upload is done.`);
        return { done: false };
      },
    });
  } finally {
    unsubscribe();
  }
}

const LOST = "The instance stopped while it waited for an upload.";
const OVERDUE = "An upload takes longer than expected, so the instance is stopped.";

function withoutUpload({ message, details }: PipelineError): PipelineError {
  return new PipelineError(
    "TIMED_OUT",
    `${message} "Start" is set to "before the upload ends": wire the node before s3 upload to ec2 start, too, or start when the message arrives. There may also have been nothing to upload.`,
    { details },
  );
}
