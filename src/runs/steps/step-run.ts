import type { PipelineError } from "../../errors/pipeline-error.ts";
import type { Fact, Facts } from "../facts/fact.ts";
import type { RunInstances } from "../instances/run-instances.ts";
import type { Saved } from "../journal/run-file.ts";
import type { StepRecord } from "../records/run-record.ts";

/** What a step needs of the run that it belongs to; `S` is the step. */
export interface StepRun<S> {
  readonly runId: string;
  readonly now: () => number;
  /** See `whyClosed` of the records. */
  whyClosed(step: StepRecord, instanceIds: readonly string[]): string | undefined;
  readonly facts: Facts;
  tellEveryRun(fact: Fact): void;
  /** `soon`: may wait a second on its way to the disk, or be lost. */
  changed(urgency: Urgency): void;
  /** Resolves when the disk knows of the run as one of its steps begins, or with why it does not. */
  kept(): Promise<Saved>;
  /** Resolves when the run is on the disk as it is now, or with why it is not. */
  saved(): Promise<Saved>;
  ended(step: S): void;
  abortOthers(failed: S, error: PipelineError): void;
  /** A node was deleted or disabled under its step: the run can't end as it was drawn. */
  abandon(reason: string): void;
  /** Somebody is to take up a message of the run. */
  expectTakeUp(): void;
  readonly instances: RunInstances;
  readonly runsUnderWay: number;
  untilEarlierSteps(
    nodeId: string,
    isPassed: (step: StepRecord) => boolean,
    onQueued: () => void,
    signal: AbortSignal,
  ): Promise<void>;
}

/** Whether a change may wait on its way to the disk. */
export type Urgency = "now" | "soon";
