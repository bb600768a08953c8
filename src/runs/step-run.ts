import type { PipelineError } from "../errors/pipeline-error.ts";
import type { Fact, Facts } from "./fact.ts";
import type { InstanceClaim } from "./leases.ts";
import type { StepRecord } from "./run-record.ts";

/** What a step needs of the run that it belongs to; `S` is the step. */
export interface StepRun<S> {
  readonly runId: string;
  readonly now: () => number;
  isAlive(graceMs: number): boolean;
  readonly facts: Facts;
  tellEveryRun(fact: Fact): void;
  /** `soon`: may wait a second on its way to the disk, or be lost. */
  changed(urgency: Urgency): void;
  /** Resolves when the disk knows of the run at all. */
  kept(): Promise<void>;
  /** Resolves when the run is on the disk as it is now. */
  saved(): Promise<void>;
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

/** What a run has to do with instances: see {@link Leases}. */
export interface RunInstances {
  /** Resolves when the run may use them. */
  claim(claim: InstanceClaim): Promise<void>;
  /** Whether a run that still goes on, or has just ended, has switched the instance on. */
  isOnForARun(instanceId: string): boolean;
  /** Whether the instance was on before this run came to it. */
  foundRunning(instanceId: string): boolean;
  /** The other runs that use an instance or wait for it. */
  neededByOthers(instanceId: string): string[];
  /** This run needs them no more. */
  release(instanceIds: readonly string[]): void;
  /** Has `stop` called when the run is given up because a node of it is gone. */
  guard(stop: () => Promise<void>): void;
}

/** Whether a change may wait on its way to the disk. */
export type Urgency = "now" | "soon";
