import { forEachConcurrently } from "../../concurrency/for-each-concurrently.ts";
import { PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import type { ReadableFrame } from "../lightly/frames/tagged-frames.ts";

const MAX_CONCURRENT_TRANSFERS = 4;

/** The number of transferred frames. */
export interface FrameProgress {
  readonly done: number;
  readonly total: number;
}

/** The options that all kinds of transfer have. */
export interface TransferFramesOptions {
  readonly frames: AsyncIterable<ReadableFrame>;
  /** The number of frames. */
  readonly total: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: FrameProgress) => void;
}

/** The frames that were transferred or already existed. */
export interface TransferredFrames {
  readonly count: number;
  readonly bytes: number;
}

/**
 * Transfers frames, four at a time.
 *
 * @param transfer - transfers one frame, and resolves with its length
 * @throws PipelineError of the first frame that failed, with its name; `LIGHTLY_RESPONSE_INVALID` if a name occurs twice, or if the list
 *   ends before the last frame
 */
export async function transferFrames(
  { frames, total, signal, onProgress }: TransferFramesOptions,
  transfer: (frame: ReadableFrame, signal: AbortSignal) => Promise<number>,
): Promise<TransferredFrames> {
  let count = 0;
  let bytes = 0;
  await forEachConcurrently({
    items: eachOnce(frames),
    limit: MAX_CONCURRENT_TRANSFERS,
    signal,
    work: async (frame, both) => {
      // Not `bytes += await ...`: other transfers change the sum in the meantime.
      const length = await transfer(frame, both).catch((error: unknown) => {
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

/** Yields each frame, and throws if a name occurs twice: two transfers would write the same file. */
async function* eachOnce(frames: AsyncIterable<ReadableFrame>): AsyncGenerator<ReadableFrame> {
  const seen = new Set<string>();
  for await (const frame of frames) {
    if (seen.has(frame.fileName)) {
      const text = `Lightly names the frame "${frame.fileName.slice(0, 200)}" twice: one would replace the other.`;
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
  return new PipelineError(code, `The frame "${frame}" was not transferred (${done} of ${total} were): ${message}`, {
    retryable,
    details: { ...details, frame, done, total },
    cause: error,
  });
}

/** Creates the error of a frame's name that is not a safe path. */
export function frameNameError(fileName: string, why: string): PipelineError {
  return new PipelineError("FRAME_NAME_INVALID", `The name "${fileName}" ${why}.`, { details: { frame: fileName } });
}
