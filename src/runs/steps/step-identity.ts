import type { SafeCopy } from "../../messages/safe-copy.ts";
import type { RunTrigger, StepRecord, StepRole } from "../../records/run-record.ts";
import type { OutboxPast, SentMessage } from "./outbox.ts";

/** Which node a step belongs to. */
export interface StepIdentity {
  readonly nodeId: string;
  readonly type: string;
  readonly role: StepRole;
  readonly name: string;
  readonly subflowNodeId?: StepRecord["subflowNodeId"];
  readonly templateNodeId?: StepRecord["templateNodeId"];
  /** Whether the step cleans up (stops an instance): it starts even in a failed run, and the failure of another step does not abort it. */
  readonly alwaysRuns: boolean;
}

/** The identity of a step that replaces another one. */
export function identityOf({ record, alwaysRuns }: { record: StepRecord; alwaysRuns: boolean }): StepIdentity {
  const { nodeId, type, role, name, subflowNodeId, templateNodeId } = record;
  return {
    ...{ nodeId, type, role, name, alwaysRuns },
    ...(subflowNodeId !== undefined && { subflowNodeId }),
    ...(templateNodeId !== undefined && { templateNodeId }),
  };
}

/** The message that a step has received, and the messages that it has already sent. */
export interface StepPast extends OutboxPast {
  readonly received?: SafeCopy | undefined;
  /** The live message, as long as this process has it. */
  readonly live?: unknown;
  readonly outbox?: readonly SentMessage[] | undefined;
  /** The items of the sequence that it sends. */
  readonly items?: readonly unknown[] | undefined;
  /** Why a user has canceled it. */
  readonly cancelReason?: string | undefined;
}

/** The options of a new step, in addition to its run and node. */
export interface StepStart {
  /** The message comes from a Catch node. */
  readonly afterError?: boolean;
  /** The message that the step has received. The journal gets a copy without secrets. */
  readonly message?: unknown;
  /** The step that has sent the message. */
  readonly parentStepId?: string;
  /** The index of the message in the sequence of that step. */
  readonly parentItem?: number;
  /** What has started the run, if this is its first step. */
  readonly trigger?: RunTrigger;
}
