import { forEachConcurrently } from "../../concurrency/for-each-concurrently.ts";
import { PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import type { ReadableFrame } from "../lightly/frames/tagged-frames.ts";

const AT_A_TIME = 4;

/** How far it has come. */
export interface FrameProgress {
  readonly done: number;
  readonly total: number;
}

/** What every way to bring frames takes. */
export interface TransferFramesOptions {
  readonly frames: AsyncIterable<ReadableFrame>;
  /** How many frames there are. */
  readonly total: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: FrameProgress) => void;
}

/** What was brought, or was there already. */
export interface TransferredFrames {
  readonly count: number;
  readonly bytes: number;
}

/**
 * Brings frames, four at a time.
 *
 * @param bring - brings one, and resolves with its length
 * @throws PipelineError that names the frame, when nothing half is left of it; `LIGHTLY_RESPONSE_INVALID` for a name that comes twice,
 *   and for a list that ends before the last frame
 */
export async function transferFrames(
  { frames, total, signal, onProgress }: TransferFramesOptions,
  bring: (frame: ReadableFrame, signal: AbortSignal) => Promise<number>,
): Promise<TransferredFrames> {
  let count = 0;
  let bytes = 0;
  await forEachConcurrently({
    items: eachOnce(frames),
    limit: AT_A_TIME,
    signal,
    work: async (frame, both) => {
      // Awaited on its own: the sum is read after it, when others may have added to it.
      const length = await bring(frame, both).catch((error: unknown) => {
        throw frameError(frame.fileName, { done: count, total }, error);
      });
      bytes += length;
      count += 1;
      onProgress?.({ done: count, total });
    },
  });
  if (count < total) {
    const text = `Lightly's tag has ${total} frames, but the list of their names ended after ${count}. Run the step again.`;
    throw new PipelineError("LIGHTLY_RESPONSE_INVALID", text, { retryable: true, details: { count, total } });
  }
  return { count, bytes };
}

/** Two frames of one name would be one file, written by two at once. */
async function* eachOnce(frames: AsyncIterable<ReadableFrame>): AsyncGenerator<ReadableFrame> {
  const seen = new Set<string>();
  for await (const frame of frames) {
    if (seen.has(frame.fileName)) {
      const text = `Lightly names the frame "${frame.fileName.slice(0, 200)}" twice, so that one would replace the other.`;
      throw new PipelineError("LIGHTLY_RESPONSE_INVALID", text, { details: { frame: frame.fileName.slice(0, 200) } });
    }
    seen.add(frame.fileName);
    yield frame;
  }
}

function frameError(frame: string, { done, total }: FrameProgress, thrown: unknown): PipelineError {
  const error = toPipelineError(thrown);
  if (error.isAbort) {
    return error;
  }
  const { code, message, retryable, details } = error;
  return new PipelineError(code, `The frame "${frame}" did not come (${done} of ${total} have): ${message}`, {
    retryable,
    details: { ...details, frame, done, total },
    cause: error,
  });
}

/** The error for a name that leads elsewhere: it comes from a service, and is used as a path. */
export function frameNameError(fileName: string, why: string): PipelineError {
  return new PipelineError("FRAME_NAME_INVALID", `The name "${fileName}" ${why}.`, { details: { frame: fileName } });
}
