import { forEachConcurrently } from "../../../../concurrency/for-each-concurrently.ts";
import { PipelineError, toPipelineError } from "../../../../errors/pipeline-error.ts";
import { raceAbort } from "../../../../polling/race-abort.ts";
import { itemRunId, type StepSequence } from "../../../../records/run-record.ts";
import type { SequenceOptions } from "../../../../runs/steps/sequence-items.ts";
import type { Step } from "../../../../runs/steps/step.ts";
import { nodesAfterCatch, nodesAfterOutput } from "../../flow/flow-graph.ts";
import type { Message } from "../../node-red.ts";
import type { StepContextOptions } from "../step-context.ts";
import { onOutput, recordSend } from "./record-send.ts";

export interface SendSequenceOptions<T> extends SequenceOptions {
  /** Returns the items, plain JSON: called once, even if the step is resumed. */
  readonly list: () => Promise<readonly T[]>;
  /** How many items are in progress at a time, here and in the further steps. */
  readonly limit: number;
  /** Makes the message of an item, from a copy of the message that the step has received. */
  readonly prepare: (item: T, message: Message, signal: AbortSignal) => Promise<void>;
  /** Whether a failure is a matter of this attempt: the next one prepares the item again. */
  readonly isRetried: (error: PipelineError) => boolean;
  /** Called after each change of the numbers. */
  readonly onProgress: (sequence: StepSequence) => void;
}

/**
 * Sends one message for each item of a list, as a sequence that core join nodes collect. An item is in progress until its further steps have
 * ended, or its message waits in a join node; the next one leaves after that.
 *
 * The failure of an item reaches Catch as a message of the sequence. More failures than allowed, or the failure of all items, fail the run.
 */
export class SequenceSender {
  readonly #options: StepContextOptions;

  constructor(options: StepContextOptions) {
    this.#options = options;
  }

  /** @throws PipelineError of `list`; of the last item if too many have failed; `ABORTED` */
  async send<T>(options: SendSequenceOptions<T>): Promise<StepSequence> {
    const { step } = this.#options;
    const { list, limit, onProgress, maxFailures, hasOwnRuns } = options;
    if (!step.sequence.all) {
      await step.sequence.save({ maxFailures, ...(hasOwnRuns && { hasOwnRuns }) }, await list());
    }
    const items = (step.sequence.all ?? []) as ReadonlyArray<T | null>;
    const postponed: PipelineError[] = [];
    let ended = 0;
    const report = (): void => {
      step.sequence.ended(ended);
      onProgress(this.#sequence);
    };
    report();
    await forEachConcurrently({
      items: sentFirst(items.keys(), step),
      limit,
      signal: step.signal,
      work: async (index, signal) => {
        const error = step.sequence.hasSent(index) ? undefined : await this.#sendItem(options, items, index, signal);
        if (error) {
          postponed.push(error);
          return;
        }
        // When too many have failed, the runs of the others are aborted and not waited for.
        await raceAbort(step.sequence.waitFor(index), signal);
        ended += 1;
        report();
        this.#requireTolerable();
      },
    });
    const [first] = postponed;
    if (first) {
      throw first;
    }
    return this.#sequence;
  }

  get #sequence(): StepSequence {
    return this.#options.step.record.sequence ?? { count: 0, maxFailures: 0, ended: 0, failures: [] };
  }

  /** Returns a failure that the next attempt of the step may repair. */
  async #sendItem<T>(
    { prepare, isRetried, hasOwnRuns }: SendSequenceOptions<T>,
    items: ReadonlyArray<T | null>,
    index: number,
    signal: AbortSignal,
  ): Promise<PipelineError | undefined> {
    const { red, node, msg, send, step } = this.#options;
    const message = red.util.cloneMessage(msg);
    message.parts = partsOf(step, index, items.length, msg.parts);
    if (hasOwnRuns) {
      message.runId = itemRunId(step.record.stepId, index);
    }
    try {
      await prepare(restored(items[index], index), message, signal);
    } catch (thrown) {
      const error = toPipelineError(thrown);
      if (signal.aborted || error.isAbort) {
        throw error;
      }
      if (isRetried(error)) {
        return error;
      }
      this.#fail(index, message, error);
      return undefined;
    }
    if (recordSend(red, step, 0, message, nodesAfterOutput(node, 0), index)) {
      send(onOutput(message, 0));
    }
    return undefined;
  }

  #fail(index: number, message: Message, error: PipelineError): void {
    const { red, node, step } = this.#options;
    step.sequence.failed(index, node.id, error);
    step.log([error.message], "warning");
    if (recordSend(red, step, "error", message, nodesAfterCatch(red, node), index)) {
      node.error(error, message);
    }
  }

  /** For items that fail here or in their own runs. The failure of a further step of this run has already failed it. */
  #requireTolerable(): void {
    const { count, maxFailures, failures } = this.#sequence;
    const last = failures.at(-1);
    if (last && (failures.length > maxFailures || failures.length === count)) {
      throw new PipelineError(last.code as never, last.message, { isReported: true });
    }
  }
}

function restored<T>(item: T | null | undefined, index: number): T {
  if (item === null || item === undefined) {
    throw new PipelineError(
      "RESUME_IMPOSSIBLE",
      `Item ${index + 1} was not sent before Node-RED was restarted, and is not in the journal, because its name looks like a secret. Rename it, or start the flow again.`,
      { details: { index } },
    );
  }
  return item;
}

/** The position of a message in the sequence. A message that was part of a sequence before is again after the join node. */
function partsOf({ record }: Step, index: number, count: number, outer: Message["parts"]) {
  return { id: record.stepId, type: "array", count, len: 1, index, ...(outer && { parts: outer }) };
}

/** The items that an earlier process has sent come first: they take their places again. */
async function* sentFirst(indices: Iterable<number>, step: Step): AsyncGenerator<number> {
  const all = [...indices];
  const isSent = new Set(all.filter((index) => step.sequence.hasSent(index)));
  yield* all.filter((index) => isSent.has(index));
  yield* all.filter((index) => !isSent.has(index));
}
