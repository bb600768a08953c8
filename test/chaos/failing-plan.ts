import type { FaultService } from "lightly-aws-sandbox";
import { type Calibration, isChange } from "./calibration.ts";
import { SECOND_KILL_EACH, secondMoment } from "./kill-plan.ts";
import type { Moment } from "./moment.ts";
import { Choices } from "./seeded.ts";
import type { Trouble } from "./troubles.ts";
import type { VideoSize } from "./video-files.ts";

/** The trouble and the kill of one round. */
export interface FailingRound {
  readonly nr: number;
  readonly trouble: Trouble;
  readonly video: VideoSize;
  /** The service that is slow after the kill, so that a failure occurs before a step has found its remote work. */
  readonly slow?: FaultService;
}

const MAYBE_SLOW = ["lightly", "s3", "ssm", undefined, undefined, undefined] as const;

/** The troubles to play, in an order that depends on the seed. */
export function planTroubles(seed: number, count: number, troubles: readonly Trouble[]): FailingRound[] {
  const order = new Choices(seed, "troubles").shuffled(troubles);
  return Array.from({ length: count }, (_, index): FailingRound => {
    const nr = index + 1;
    const trouble = order[index % order.length];
    if (trouble === undefined) {
      throw new Error("There is no trouble.");
    }
    const choices = new Choices(seed, "failing", nr);
    const video = choices.one(["small", "large"] as const);
    const slow = MAYBE_SLOW[choices.whole(0, MAYBE_SLOW.length - 1)];
    return { nr, trouble, video: trouble.video ?? video, ...(slow && { slow }) };
  });
}

/** The requests of a run after its failure. */
const CLEAN_UP = /^(?:CancelCommand|AbortMultipartUpload|StopInstances|PUT .*\/schedule\/.*)$/;

/**
 * When to kill a run that fails, once it is known what it does then: in half of the rounds at the request that is refused or one of
 * its clean-up, in a quarter at a write of the journal around the failure, in a quarter at any time. From one pass through the `troubles` to the next
 * each of them gets another way.
 */
export function momentsOf(
  seed: number,
  { nr, trouble }: FailingRound,
  calibration: Calibration,
  troubles: number,
): { readonly first: Moment; readonly second?: Moment } {
  const choices = new Choices(seed, "failing", nr, "moment");
  const place = (nr - 1) % troubles;
  const pass = (nr - 1 - place) / troubles;
  const first = firstMoment(choices, (place + pass) % 4, trouble, calibration);
  return nr % SECOND_KILL_EACH === 0 ? { first, second: secondMoment(choices, calibration) } : { first };
}

function firstMoment(
  choices: Choices,
  way: number,
  trouble: Trouble,
  { lengthMs, journalWrites, writesBeforeStop, operations }: Calibration,
): Moment {
  const requests = operations.filter(
    ({ operation }) => operation === trouble.operation || (isChange(operation) && CLEAN_UP.test(operation)),
  );
  if (way % 2 === 0 && requests.length > 0) {
    const { operation, count } = choices.one(requests);
    const phase = choices.one(["arrived", "answering", "answered"] as const);
    return {
      by: "request",
      operation,
      nth: choices.whole(1, count),
      phase: operation === trouble.operation && phase === "answering" ? "answered" : phase,
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
