import type { S3Client } from "@aws-sdk/client-s3";
import { toPipelineError } from "../../errors/pipeline-error.ts";
import { pollUntil } from "../../polling/poll-until.ts";
import type { StudioProgress } from "../../services/studio/studio-progress.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { pollDelay } from "../shared/step/waiting.ts";

interface WatchProgressOptions {
  readonly s3: S3Client;
  /** URI of `progress.json`. */
  readonly uri: string;
  readonly signal: AbortSignal;
  /** Called when the progress has changed. */
  readonly onProgress: (progress: StudioProgress) => void;
}

/** The script writes it this often. */
const POLL_MS = 3000;
const LIMITS = { maxBytes: 64 * 1024, timeoutMs: 10_000 } as const;

/** Reads the progress of the script until the signal aborts. It is news only: if it can't be read, that is one warning. Never rejects. */
export async function watchProgress(context: StepContext, options: WatchProgressOptions): Promise<void> {
  const { s3, uri, signal, onProgress } = options;
  const { parseS3Uri } = await import("../../services/s3/object/parse-uri.ts");
  const { readObjectText } = await import("../../services/s3/object/read-object.ts");
  const { readProgress } = await import("../../services/studio/studio-progress.ts");
  const { bucket, key } = parseS3Uri(uri) ?? { bucket: "", key: "" };
  let last: string | undefined;
  try {
    await pollUntil<never>({
      goal: "the end of the selection",
      check: async (checkSignal) => {
        const text = await readObjectText({ s3, bucket, key, signal: checkSignal }, LIMITS);
        const progress = text === undefined || text === last ? undefined : readProgress(text);
        last = text;
        // The end is known from the command; before its start there may be the end of an earlier attempt.
        if (progress && progress.phase !== "done" && progress.phase !== "failed") {
          onProgress(progress);
        }
        return { wait: progress?.phase ?? "unknown" };
      },
      delay: pollDelay(context, POLL_MS),
      timeoutMs: Number.POSITIVE_INFINITY,
      signal,
    });
  } catch (error) {
    if (!signal.aborted) {
      context.warn(`The progress of LightlyStudio can't be shown. ${toPipelineError(error).message}`);
    }
  }
}
