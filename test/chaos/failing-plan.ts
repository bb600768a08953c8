import type { FaultService } from "lightly-aws-sandbox";
import { type Calibration, isChange } from "./calibration.ts";
import type { FailureCause } from "./failure-causes.ts";
import { SECOND_KILL_EACH, secondMoment } from "./kill-plan.ts";
import type { Moment } from "./moment.ts";
import { Choices } from "./seeded.ts";
import type { VideoSize } from "./video-files.ts";

/** The cause and the kill of one round. */
export interface FailingRound {
  readonly nr: number;
  readonly cause: FailureCause;
  readonly video: VideoSize;
  /** The service that is slow after the kill, so that a failure occurs before a step has found its remote work. */
  readonly slow?: FaultService;
}

const MAYBE_SLOW = ["lightly", "s3", "ssm", undefined, undefined, undefined] as const;

/** The causes to play, in an order that depends on the seed. */
export function planTroubles(seed: number, count: number, causes: readonly FailureCause[]): FailingRound[] {
  const order = new Choices(seed, "causes").shuffled(causes);
  return Array.from({ length: count }, (_, index): FailingRound => {
    const nr = index + 1;
    const cause = order[index % order.length];
    if (cause === undefined) {
      throw new Error("There is no cause.");
    }
    const choices = new Choices(seed, "failing", nr);
    const video = choices.one(["small", "large"] as const);
    const slow = MAYBE_SLOW[choices.whole(0, MAYBE_SLOW.length - 1)];
    return { nr, cause, video: cause.video ?? video, ...(slow && { slow }) };
  });
}

/** The requests of a run after its failure. */
const CLEAN_UP = /^(?:CancelCommand|AbortMultipartUpload|StopInstances|PUT .*\/schedule\/.*)$/;

/**
 * When to kill a run that fails, once it is known what it does then: in half of the rounds at the request that is refused or one of
 * its clean-up, in a quarter at a write of the journal around the failure, in a quarter at any time. From one pass through the `causes` to the next
 * each of them gets another way.
 */
export function momentsOf(
  seed: number,
  { nr, cause }: FailingRound,
  calibration: Calibration,
  causes: number,
): { readonly first: Moment; readonly second?: Moment } {
  const choices = new Choices(seed, "failing", nr, "moment");
  const place = (nr - 1) % causes;
  const pass = (nr - 1 - place) / causes;
  const first = firstMoment(choices, (place + pass) % 4, cause, calibration);
  return nr % SECOND_KILL_EACH === 0 ? { first, second: secondMoment(choices, calibration) } : { first };
}

function firstMoment(
  choices: Choices,
  way: number,
  cause: FailureCause,
  { lengthMs, journalWrites, writesBeforeStop, operations }: Calibration,
): Moment {
  const requests = operations.filter(
    ({ operation }) => operation === cause.operation || (isChange(operation) && CLEAN_UP.test(operation)),
  );
  if (way % 2 === 0 && requests.length > 0) {
    const { operation, count } = choices.one(requests);
    const phase = choices.one(["arrived", "answering", "answered"] as const);
    return {
      by: "request",
      operation,
      nth: choices.whole(1, count),
      phase: operation === cause.operation && phase === "answering" ? "answered" : phase,
      delayMs: phase === "answered" ? choices.whole(0, 15) : 0,
    };
  }
  if (way !== 1) {
    return { by: "time", ms: choices.number(0, lengthMs) };
  }
  // From the write with the failure to the writes after it.
  const nth = Math.min(writesBeforeStop + choices.whole(0, 3), journalWrites);
  return { by: "journal", nth: Math.max(1, nth), phase: choices.one(["started", "done"]) };
}
