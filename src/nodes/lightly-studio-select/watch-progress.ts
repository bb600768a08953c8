import type { S3Client } from "@aws-sdk/client-s3";
import { toPipelineError } from "../../errors/pipeline-error.ts";
import { Brake } from "../../polling/brake.ts";
import { systemClock } from "../../polling/clock.ts";
import { eagerDelay } from "../../polling/delay.ts";
import { Pace } from "../../polling/pace.ts";
import { pollUntil } from "../../polling/poll-until.ts";
import type { StudioProgress } from "../../services/studio/studio-progress.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { PAID_POLL_MS } from "../shared/step/waits/waiting.ts";

interface WatchProgressOptions {
  readonly s3: S3Client;
  /** URI of `progress.json`. */
  readonly uri: string;
  readonly signal: AbortSignal;
  /** Called when the progress has changed. */
  readonly onProgress: (progress: StudioProgress) => void;
  /** Called when the script says that it is done, or has failed. Before its start that may be the end of an earlier attempt. */
  readonly onEnd: () => void;
}

/** The reads of all runs with one client share a pace: with many runs, each bar moves less often. */
const paces = new WeakMap<S3Client, Pace>();
const LIMITS = { maxBytes: 64 * 1024, timeoutMs: 10_000 } as const;

/** Reads the progress of the script until the signal aborts. It is news only: if it can't be read, that is one warning. Never rejects. */
export async function watchProgress(context: StepContext, options: WatchProgressOptions): Promise<void> {
  const { s3, uri, signal, onProgress, onEnd } = options;
  const { parseS3Uri } = await import("../../services/s3/object/parse-uri.ts");
  const { readObjectText } = await import("../../services/s3/object/read-object.ts");
  const { readProgress } = await import("../../services/studio/studio-progress.ts");
  const { bucket, key } = parseS3Uri(uri) ?? { bucket: "", key: "" };
  let last: string | undefined;
  try {
    await pollUntil<never>({
      goal: "the end of the selection",
      check: async (checkSignal) => {
        await paceOf(s3).turn();
        const text = await readObjectText({ s3, bucket, key, signal: checkSignal }, LIMITS);
        const progress = text === undefined || text === last ? undefined : readProgress(text);
        last = text;
        if (progress?.phase === "done" || progress?.phase === "failed") {
          // Whether that is so is known from the command.
          onEnd();
        } else if (progress) {
          onProgress(progress);
        }
        return { wait: progress?.phase ?? "unknown" };
      },
      delay: eagerDelay(PAID_POLL_MS),
      timeoutMs: Number.POSITIVE_INFINITY,
      signal,
    });
  } catch (error) {
    if (!signal.aborted) {
      context.warn(`The progress of LightlyStudio can't be shown. ${toPipelineError(error).message}`);
    }
  }
}

function paceOf(s3: S3Client): Pace {
  const pace = paces.get(s3) ?? new Pace(PAID_POLL_MS, new Brake(systemClock), systemClock);
  paces.set(s3, pace);
  return pace;
}
