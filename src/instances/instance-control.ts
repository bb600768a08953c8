import type { InstanceState } from "../services/ec2/instance-state.ts";

/** How an instance is stopped. Times are milliseconds. */
export interface StopOptions {
  /** Whether to hibernate the instance. Absent: other orders decide. */
  readonly hibernate?: boolean;
  /** The time after which an accepted stop is forced. Default: never. */
  readonly forceAfterMs?: number;
  /** Called with the state of the instance before the first request to stop it, and awaited. */
  readonly prepare?: (state: InstanceState) => Promise<void>;
}

/** One attempt to stop an instance. Times are milliseconds. */
export interface StopAttemptOptions {
  readonly instanceId: string;
  readonly hibernate: boolean;
  /** Also stop an instance that is stopping, without an orderly shutdown. */
  readonly force: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly prepare: (state: InstanceState) => Promise<void>;
  /** EC2 has accepted the request, or there was nothing to request. */
  readonly onAccepted: () => void;
  readonly onState: (state: InstanceState, note: string) => void;
  /** Called after each request with the state, as it reads in "The last state was: ...". */
  readonly onCheck: (state: string) => void;
}

/** An instance that EC2 reports as stopped. */
export interface StoppedInstance {
  /** `wasStopped`: it was stopped before the request. */
  readonly instance: InstanceState & { readonly wasStopped: boolean };
  readonly hibernated: boolean;
}

/**
 * Access to the instances of one AWS account. It has the account's clients, so that it works after the nodes that created it were deleted
 * or redeployed.
 */
export interface InstanceControl {
  /** The account's node. A later control of the same account replaces this one. */
  readonly accountId: string;
  /** The minimum pause between two requests about one instance, in milliseconds. */
  readonly pollMs: number;
  /**
   * Describes an instance, in one request with all that are due at the same time.
   *
   * @param everyMs - the interval at which the caller repeats the request, in milliseconds
   * @throws PipelineError `EC2_INSTANCE_NOT_FOUND`, `EC2_ACCESS_DENIED`, `AWS_*` ...
   */
  readonly describe: (instanceId: string, signal: AbortSignal, everyMs: number) => Promise<InstanceState>;
  /**
   * Requests a stop. Resolves when EC2 reports the instance as stopped.
   *
   * @throws PipelineError of EC2; `TIMED_OUT`, `ABORTED`
   */
  readonly stop: (request: StopAttemptOptions) => Promise<StoppedInstance>;
  /** Warns the user about something that belongs to no message. */
  readonly warn: (text: string) => void;
}
