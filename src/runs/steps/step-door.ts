import type { RecordedError } from "../records/run-record.ts";
import type { Step } from "./step.ts";

/** How the runs reach a step's node: open from the node's creation until it closes. */
export interface StepDoor {
  /** The type of the node. */
  readonly type: string;
  /** Works on a step again that an earlier process, or an earlier deploy of the node, has left, or that is retried. */
  resume(step: Step, message: unknown): void;
  /** Hands a step's message on again that nobody has taken up. */
  handOn(message: unknown, output: number): void;
  /** Tells Catch again of a failure that nobody has taken up. */
  failAgain(message: unknown, error: RecordedError): void;
  /** Looks after what a completed step of a run that goes on has left behind, such as an instance that is on. */
  keep?(step: Step, message: unknown): void;
  /** Whether a message that leaves this node may come to that one. */
  leadsTo(nodeId: string): boolean;
}
