import type { InstanceState } from "../../services/ec2/instance-state.ts";

/** How an instance is stopped; times in milliseconds. */
export interface StopManner {
  /** Keep the content of the memory, or not; absent: as other orders want it. */
  readonly hibernate?: boolean;
  /** Cut the power of an instance that EC2 has begun to stop so long ago. Default: never. */
  readonly forceAfterMs?: number;
  /** Called with the state of the instance before the first request to stop it, and waited for. */
  readonly prepare?: (state: InstanceState) => Promise<void>;
}

/** One try to stop an instance; times in milliseconds. */
export interface StopTry {
  readonly instanceId: string;
  readonly hibernate: boolean;
  /** Also stop an instance that is stopping, by cutting its power. */
  readonly force: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly prepare: (state: InstanceState) => Promise<void>;
  /** EC2 has accepted the request, or there was nothing to request. */
  readonly onAccepted: () => void;
  readonly onState: (state: InstanceState, note: string) => void;
  /** What each look found, as it reads in "The last state was: ...". */
  readonly onLook: (state: string) => void;
}

/** An instance that EC2 says is off. */
export interface StoppedInstance {
  /** `wasStopped`: it was off already. */
  readonly instance: InstanceState & { readonly wasStopped: boolean };
  readonly hibernated: boolean;
}

/**
 * What can be done with the instances of one AWS account. It keeps the account's clients, so that it works after the nodes that made
 * it were deleted or deployed again.
 */
export interface InstanceControl {
  /** The account, so that a later control of the same account replaces this one. */
  readonly accountId: string;
  /** The shortest pause between two requests about one instance, in milliseconds. */
  readonly pollMs: number;
  /** @throws PipelineError as EC2 refuses it: `EC2_INSTANCE_NOT_FOUND`, `EC2_ACCESS_DENIED`, `AWS_*` ... */
  readonly look: (instanceId: string, signal: AbortSignal) => Promise<InstanceState>;
  /**
   * Asks for a stop and resolves when EC2 says that the instance is off.
   *
   * @throws PipelineError as EC2 refuses it, `TIMED_OUT`, `ABORTED`
   */
  readonly stop: (request: StopTry) => Promise<StoppedInstance>;
  /** Tells the user something that belongs to no message. */
  readonly warn: (text: string) => void;
}
