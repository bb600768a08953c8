import { setTimeout as pause } from "node:timers/promises";
import { PipelineError, toPipelineError } from "../../../errors/pipeline-error.ts";
import type { RecordedError, StepRole } from "../../../records/run-record.ts";
import { runs } from "../../../runs/run-registry.ts";
import type { RegisteredNode } from "../../../runs/steps/registered-node.ts";
import type { Step } from "../../../runs/steps/step.ts";
import { refuseUnconfigured } from "../configuration/not-configured.ts";
import { showUnset } from "../configuration/show-unset.ts";
import { leadsTo } from "../flow/flow-graph.ts";
import type { Message, Node, NodeAPI, Send, StepDef } from "../node-red.ts";
import { beginWithMessage } from "./begin-with-message.ts";
import { handleRunCommand } from "./handle-run-command.ts";
import { senderOf } from "./messages/message-ids.ts";
import { onOutput } from "./messages/record-send.ts";
import { type Done, settle } from "./settle.ts";
import { StepContext } from "./step-context.ts";
import type { StepHandler } from "./step-handler.ts";
import { type StepResult, work } from "./step-work.ts";

/** Less than the 15 s that Node-RED waits for a closing node. The rest of the clean-up continues after that. */
const MAX_CLOSE_MS = 10_000;

const FLOW_STOPPED = "the flow was stopped or redeployed.";

/** A message from this node to itself: to resume a step, or to send a failure to Catch again. */
type OwnMessage = { readonly resumed: Step } | { readonly failed: RecordedError };

interface NodeStepsOptions {
  readonly red: NodeAPI;
  readonly node: Node;
  readonly def: StepDef;
  readonly handler: StepHandler;
}

/** The steps of one node: starts one with each message, resumes them for the runs, and ends them when the node closes. */
export class NodeSteps implements RegisteredNode {
  readonly type: string;
  readonly role: StepRole;
  readonly #options: NodeStepsOptions;
  readonly #running = new Map<Step, Promise<void>>();
  readonly #ownMessages = new WeakMap<object, OwnMessage>();

  constructor(options: NodeStepsOptions) {
    this.#options = options;
    this.type = options.node.type;
    this.role = options.handler.role;
  }

  /** Receives a message: a command, or the start of a step. Calls `done` once, at its end. */
  receive(msg: Message, send: Send, done: Done): void {
    const { red, node, handler } = this.#options;
    const own = this.#ownMessages.get(msg);
    const command = own ? undefined : (handler.control?.(msg, [...this.#running.keys()]) ?? handleRunCommand(msg));
    if (command) {
      command.then(
        () => settle(node, "completed", done, msg),
        (error: unknown) => settle(node, toPipelineError(error), done, msg),
      );
      return;
    }
    let step: Step | undefined;
    try {
      step = own ? resumedBy(own) : beginWithMessage(red, node, handler, msg);
    } catch (error) {
      settle(node, toPipelineError(error), done, msg);
      return;
    }
    if (!step) {
      settle(node, "completed", done, msg);
      return;
    }
    if (!own && runs.areFlowsStopping) {
      step.abort("closed", FLOW_STOPPED);
    }
    this.#run(step, msg, send, done);
  }

  /** Aborts all steps. Resolves when they have ended and are on disk, or at the limit of Node-RED; never rejects. */
  async close(removed: boolean): Promise<void> {
    for (const step of this.#running.keys()) {
      if (removed) {
        step.abort("removed", "the node was deleted or disabled.");
      } else {
        step.abort("closed", FLOW_STOPPED);
      }
    }
    const ended = Promise.all(this.#running.values()).then(() => runs.flush());
    // An unhandled rejection would end the process.
    await Promise.race([ended, pause(MAX_CLOSE_MS, undefined, { ref: false })]).catch(() => undefined);
  }

  resume(step: Step, message: unknown): void {
    const { node } = this.#options;
    if (step.record.type !== node.type) {
      step.abort("removed", "another type of node has replaced its node.");
      step.drop();
      return;
    }
    const { missing } = step.received;
    if (missing.length > 0) {
      node.warn(`The run ${step.runId} is resumed. Not restored from the journal: ${missing.join(", ")}.`);
    }
    this.#receiveOwn(message, { resumed: step });
  }

  send(message: unknown, output: number): void {
    this.#options.node.send(onOutput(message as Message, output));
  }

  sendError(message: unknown, failed: RecordedError): void {
    this.#receiveOwn(message, { failed });
  }

  reattach(step: Step, message: unknown): void {
    this.#options.handler.reattach?.(this.#contextOf(step, (message ?? {}) as Message, () => {}));
  }

  leadsTo(nodeId: string): boolean {
    const { red, node } = this.#options;
    return leadsTo(red, node, nodeId);
  }

  clearStatus(): void {
    if (this.#running.size === 0) {
      this.#options.node.status({});
    }
  }

  /** Sends a message to this node, through its `input` event as any other. */
  #receiveOwn(message: unknown, what: OwnMessage): void {
    const given = (typeof message === "object" && message !== null ? message : {}) as Message;
    this.#ownMessages.set(given, what);
    this.#options.node.receive(given);
  }

  #run(step: Step, msg: Message, send: Send, done: Done): void {
    const { red, node } = this.#options;
    const ended = work(this.#handlerOf(step, msg), step, this.#contextOf(step, msg, send))
      .catch((thrown: unknown) => failUnexpectedly(step, thrown))
      .then((result) => {
        if (result !== "completed") {
          showUnset(red, node);
        }
        settle(node, result, done, msg);
      })
      .finally(() => this.#running.delete(step));
    this.#running.set(step, ended);
  }

  /** The handler. The first step of a run refuses the message if a value that the flow needs is missing. */
  #handlerOf(step: Step, msg: Message): StepHandler {
    const { red, node, handler } = this.#options;
    const isFirst = step.record.resumeCount === undefined && senderOf(msg) === undefined && !step.alwaysRuns;
    if (!isFirst) {
      return handler;
    }
    return {
      ...handler,
      handle: async (context) => {
        await refuseUnconfigured(red, node, msg);
        return handler.handle(context);
      },
    };
  }

  #contextOf(step: Step, msg: Message, send: Send): StepContext {
    const { red, node, def } = this.#options;
    return new StepContext({ red, node, def, msg, send, step });
  }
}

/** The step that a message of this node to itself resumes. Throws the failure that such a message sends to Catch again. */
function resumedBy(own: OwnMessage): Step {
  if ("failed" in own) {
    throw new PipelineError(own.failed.code as never, own.failed.message, { details: own.failed.details });
  }
  return own.resumed;
}

/** A safeguard: `work` never rejects. If it does, the step fails and Catch is informed. */
function failUnexpectedly(step: Step, thrown: unknown): StepResult {
  const error = toPipelineError(thrown);
  step.fail(error);
  return error;
}
