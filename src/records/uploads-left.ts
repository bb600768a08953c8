import { isOpen, type StepRecord } from "./run-record.ts";

/** What is left of the uploads of a run. */
export interface UploadsLeft {
  /** Whether an upload has begun, or a message is on its way to one. */
  readonly isKnown: boolean;
  readonly isDone: boolean;
  /** The time that the slowest one still takes at its current rate, in milliseconds; `Infinity` if that is not known. */
  readonly leftMs: number;
  /** The result of the latest upload. */
  readonly s3?: unknown;
}

/**
 * Sums up the uploads of a run that a step may wait for. A retried step, whose pass has no upload of its own, gets those of earlier passes.
 *
 * @param steps - `all` steps of the run and those of its `currentPass`, oldest first; whether another upload may begin, and
 * whether all have begun as far as that is known: a source of videos that has sent all of them is still running
 */
export function uploadsLeft(
  { stepId }: StepRecord,
  steps: {
    readonly all: readonly StepRecord[];
    readonly currentPass: readonly StepRecord[];
    readonly isMoreToCome: boolean;
    readonly haveAllBegun: boolean;
  },
): UploadsLeft {
  const { all, currentPass, isMoreToCome, haveAllBegun } = steps;
  const uploads = currentPass.filter(({ role }) => role === "upload");
  if (uploads.length > 0 || isMoreToCome || !all.some(({ replacedBy }) => replacedBy === stepId)) {
    return sumUp(uploads, isMoreToCome, haveAllBegun);
  }
  return sumUp(
    all.filter(({ role, state }) => role === "upload" && state === "completed"),
    false,
    true,
  );
}

function sumUp(uploads: readonly StepRecord[], isMoreToCome: boolean, haveAllBegun: boolean): UploadsLeft {
  const open = uploads.filter(isOpen);
  const isDone = !isMoreToCome && uploads.length > 0 && open.length === 0;
  const s3 = uploads.findLast(({ state }) => state === "completed")?.result?.s3;
  return {
    isKnown: isMoreToCome || uploads.length > 0,
    isDone,
    leftMs: isDone ? 0 : !haveAllBegun || open.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...open.map(leftMs)),
    ...(s3 !== undefined && { s3 }),
  };
}

/** An interrupted upload has the rate of its past, and an upload of unknown size has no end that could be known. */
function leftMs({ state, progress = {} }: StepRecord): number {
  const { loadedBytes = 0, totalBytes = 0, bytesPerSecond = 0 } = progress;
  return state === "running" && totalBytes > 0 && bytesPerSecond > 0
    ? (Math.max(0, totalBytes - loadedBytes) * 1000) / bytesPerSecond
    : Number.POSITIVE_INFINITY;
}
