import type { Step } from "../../runs/steps/step.ts";
import type { Inputs } from "./inputs.ts";
import type { Message } from "./node-red.ts";
import type { StepStatus } from "./step-status.ts";

/** All that a step's handler gets for one message. */
export interface StepContext {
  readonly msg: Message;
  /** Hands a message on; an output takes one message of a step, and none that has left it before a restart. */
  readonly send: (message: Message, output?: number) => void;
  /** Sends what nobody has to have received, such as progress. */
  readonly notify: (message: Message, output: number) => void;
  /** The error that follows is to be taken up by whatever is behind Catch. */
  readonly handOnError: () => void;
  /** Tells the user of something that is no failure of the step. */
  readonly warn: (text: string) => void;
  /** A step that is taken up again, or tried again, has a checkpoint. */
  readonly step: Step;
  readonly signal: AbortSignal;
  readonly inputs: Inputs;
  readonly status: StepStatus;
}

/** What makes a step out of a node. */
export interface StepNodeOptions {
  /** True for steps that clean up: see `Step.alwaysRuns`. */
  readonly alwaysRuns?: boolean;
  /**
   * Does the work of one message, sends, and resolves with what it put on the message (for the run's record). It may be called with
   * a step that was left or has failed half-way: what had been begun is in `step.checkpointed`, and must not be begun twice.
   * Whatever it throws reaches Catch exactly once.
   */
  readonly handle: (context: StepContext) => Promise<Readonly<Record<string, unknown>>>;
  /** Takes back what the checkpoint names, when the step's run was given up before it could be taken up again. */
  readonly takeBack?: (context: StepContext) => Promise<void>;
  /** Looks after what a completed step of a run that goes on has left behind, when the node is there again. */
  readonly keep?: (step: Step, inputs: Inputs) => void;
  /**
   * Sees a message first. What it returns means that the message was a command to the node and not work; it resolves when a restart
   * would know of it, and rejects with a PipelineError.
   */
  readonly control?: (msg: Message, working: readonly Step[]) => Promise<void> | undefined;
}
