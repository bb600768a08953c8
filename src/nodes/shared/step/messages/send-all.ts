import { retryFields } from "../../../../fields/retries.ts";
import type { StepSequence } from "../../../../records/run-record.ts";
import type { StepContext } from "../step-context.ts";
import type { SendSequenceOptions } from "./sequence-sender.ts";

/** The result of a step that has sent one message for each video. */
export interface VideosResult {
  readonly count: number;
  readonly completed: number;
  readonly failed: number;
  readonly failures: ReadonlyArray<{ readonly index: number; readonly code: string; readonly message: string }>;
}

/** Sends one message for each item, with the retries of the form, and shows how many have ended: see {@link SequenceSender}. */
export async function sendAll<T>(
  context: StepContext,
  options: Omit<SendSequenceOptions<T>, "isRetried" | "onProgress">,
): Promise<VideosResult> {
  const { retries } = await context.inputs.read(retryFields, "retries");
  const sequence = await context.sequence.send({
    ...options,
    isRetried: ({ retryable }) => retryable && context.attempt <= retries,
    onProgress: (now) => report(context, now),
  });
  const { count, failures } = sequence;
  const failed = failures.length;
  context.status.show(failed > 0 ? "waiting" : "done", keyOf("doneAll", sequence), valuesOf(sequence));
  return {
    ...{ count, completed: count - failed, failed },
    failures: failures.map(({ index, code, message }) => ({ index, code, message })),
  };
}

function report(context: StepContext, sequence: StepSequence): void {
  const values = valuesOf(sequence);
  context.progress({ counts: { key: values.failed > 0 ? "failedItems" : "items", values } });
  context.status.showProgress("working", keyOf("sending", sequence), values);
}

function valuesOf({ count, ended, failures }: StepSequence) {
  return { count, ended, failed: failures.length, completed: ended - failures.length };
}

function keyOf(key: string, { failures }: StepSequence): string {
  return failures.length > 0 ? `${key}Failed` : key;
}
