import type { SafeCopy } from "../../messages/safe-copy.ts";
import type { RunTrigger, StepRole } from "../records/run-record.ts";
import type { Outlet, SentMessage } from "./outbox.ts";

/** Which node a step belongs to. */
export interface StepIdentity {
  readonly nodeId: string;
  readonly type: string;
  readonly role: StepRole;
  readonly name: string;
  /** A step that cleans up (stops an instance): it also starts in a run that has failed, and another step's failure does not abort it. */
  readonly alwaysRuns: boolean;
}

/** What a step has received, and what it has already sent in a previous process. */
export interface StepPast {
  readonly received?: SafeCopy | undefined;
  /** The message itself, as long as this process has it. */
  readonly live?: unknown;
  readonly outbox?: readonly SentMessage[] | undefined;
  /** The outlets that this process has sent to. */
  readonly timed?: Iterable<Outlet>;
  /** Why a user has canceled it. */
  readonly cancelReason?: string | undefined;
}

/** What a step starts with besides its run and node. */
export interface StepStart {
  /** The message comes from a Catch node. */
  readonly afterError?: boolean;
  /** The message that the step has received. The journal gets a copy without secrets. */
  readonly message?: unknown;
  /** The step that has sent the message. */
  readonly parentStepId?: string;
  /** What has started the run, if this is its first step. */
  readonly trigger?: RunTrigger;
}
