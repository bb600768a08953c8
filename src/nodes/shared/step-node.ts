import { setTimeout as pause } from "node:timers/promises";
import { type PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import { runs } from "../../runs/run-registry.ts";
import type { Step, StepIdentity } from "../../runs/step.ts";
import { Inputs } from "./inputs.ts";
import type { Message, Node, NodeAPI, Send, StepDef } from "./node-red.ts";
import { StepStatus } from "./step-status.ts";

/** Node-RED waits 15 s for a closing node; what is left of the clean-up goes on behind it. */
const LONGEST_CLOSE_MS = 10_000;

/** All that a step's handler gets for one message. */
export interface StepContext {
  readonly msg: Message;
  readonly send: Send;
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
   * Does the work of one message, sends, and resolves with what it put on the message (for the run's record).
   * Whatever it throws reaches Catch exactly once.
   */
  readonly handle: (context: StepContext) => Promise<Readonly<Record<string, unknown>>>;
  /** Sees a message first; true means that it was a command to the node and not work. */
  readonly control?: (msg: Message, working: readonly Step[]) => boolean;
}

/**
 * Wires a step node: run id, abort, status, errors and the end of each message, so that no shell can forget one of them.
 *
 * A step that is aborted because its node closes or because another step of its run failed is nobody's failure: it does not reach
 * Catch, since the failure that caused it already has. It sends only if its handler makes a result of its end and resolves.
 */
export function stepNode(red: NodeAPI, node: Node, def: StepDef, options: StepNodeOptions): void {
  const working = new Map<Step, Promise<void>>();

  node.on("input", (incoming, send, done) => {
    const msg = incoming as Message;
    if (options.control?.(msg, [...working.keys()])) {
      done();
      return;
    }
    const step = runs.begin(runIdOf(msg), identityOf(node, options), msg.error !== undefined, msg);
    const context: StepContext = {
      msg,
      send: send as Send,
      step,
      signal: step.signal,
      inputs: new Inputs(red, node, def, msg),
      status: new StepStatus(red, node),
    };
    const ended = work(options, context)
      .then((outcome) => settle(node, outcome, done))
      .finally(() => working.delete(step));
    working.set(step, ended);
  });

  node.on("close", (removed: boolean, closed: () => void) => {
    for (const step of working.keys()) {
      if (removed) {
        step.abort("removed", "the node was deleted or disabled.");
      } else {
        step.abort("closed", "the flow was stopped or deployed again.");
      }
    }
    const ended = Promise.all(working.values()).then(() => runs.flush());
    void Promise.race([ended, pause(LONGEST_CLOSE_MS, undefined, { ref: false })]).then(() => closed());
  });
}

type Outcome = "completed" | "dropped" | PipelineError;

/** Never rejects, since Node-RED ends the whole process on a rejection that nobody handles. */
async function work(options: StepNodeOptions, { step, status, ...rest }: StepContext): Promise<Outcome> {
  try {
    status.show("working", "working");
    step.signal.throwIfAborted();
    step.complete(await options.handle({ step, status, ...rest }));
    return "completed";
  } catch (thrown) {
    const error = toPipelineError(thrown);
    if (error.isAbort && step.signal.aborted) {
      return endAborted(step, status, error);
    }
    step.fail(error);
    status.showText("failed", error.code);
    return error;
  }
}

/** After a close the status line belongs to the node's successor; a user who cancels wants the flow's Catch to clean up. */
function endAborted(step: Step, status: StepStatus, error: PipelineError): Outcome {
  step.drop(error);
  if (!step.isClosed) {
    status.show("aborted", "aborted");
  }
  return step.abortCause === "canceled" ? error : "dropped";
}

/** Never throws: Catch and Complete get clones, and there are messages that can't be cloned. */
function settle(node: Node, outcome: Outcome, done: (error?: Error) => void): void {
  try {
    if (outcome === "completed") {
      done();
    } else if (outcome !== "dropped") {
      done(outcome);
    }
  } catch (thrown) {
    const failure = typeof outcome === "string" ? "" : `${outcome.message} `;
    node.error(
      `${failure}The flow was not told, since the message can't be copied: ${toPipelineError(thrown).message}`,
    );
  }
}

function identityOf(node: Node, { alwaysRuns = false }: StepNodeOptions): StepIdentity {
  return { nodeId: node.id, type: node.type, name: node.name || node.type.replace(/^lightly-/, ""), alwaysRuns };
}

/** The run that a message belongs to: `msg.runId`, else the id that all clones of a trigger's message share. */
export function runIdOf(msg: Message): string {
  const { runId } = msg;
  return typeof runId === "string" && runId.trim() !== "" ? runId.trim() : msg._msgid;
}
