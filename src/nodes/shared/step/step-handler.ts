import type { StepRole } from "../../../records/run-record.ts";
import type { Step } from "../../../runs/steps/step.ts";
import type { Message } from "../node-red.ts";
import type { StepContext } from "./step-context.ts";

/** The functions of a node that is a step of the pipeline. */
export interface StepHandler {
  readonly role: StepRole;
  /** Whether the step cleans up: see `StepIdentity.alwaysRuns`. */
  readonly alwaysRuns?: boolean;
  /** Processes one message, and sends it. Resolves with what it has put on the message. See {@link StepContext}. */
  readonly handle: (context: StepContext) => Promise<Readonly<Record<string, unknown>>>;
  /** Cancels the remote work of the checkpoint when the run was aborted before the step could be resumed. */
  readonly undo?: (context: StepContext) => Promise<void>;
  /** Takes over the resources of a completed step of an active run, after the node was created again. */
  readonly reattach?: (context: StepContext) => void;
  /**
   * Receives each message first. If it returns a promise, the message was a command to the node, and starts no step. The promise resolves
   * when the command is on disk, and rejects with a PipelineError.
   */
  readonly control?: (msg: Message, running: readonly Step[]) => Promise<void> | undefined;
}
