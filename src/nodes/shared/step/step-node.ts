import { setTimeout as pause } from "node:timers/promises";
import { PipelineError, toPipelineError } from "../../../errors/pipeline-error.ts";
import type { RecordedError } from "../../../records/run-record.ts";
import { runs } from "../../../runs/run-registry.ts";
import type { RegisteredNode } from "../../../runs/steps/registered-node.ts";
import type { Step } from "../../../runs/steps/step.ts";
import { registerConfigured } from "../configuration/configured-nodes.ts";
import { refuseUnconfigured } from "../configuration/not-configured.ts";
import { showUnset, showUnsetOnStart } from "../configuration/show-unset.ts";
import { leadsTo } from "../flow/flow-graph.ts";
import type { Message, Node, NodeAPI, Send, StepDef } from "../node-red.ts";
import { runIdOf, senderOf, sentItemOf } from "./message-ids.ts";
import { plainPart } from "./plain-part.ts";
import { onOutput } from "./record-send.ts";
import { resumeRunsOnStart } from "./resume-on-start.ts";
import { handleRunCommand } from "./run-command.ts";
import { shortName } from "./short-name.ts";
import { StepContext } from "./step-context.ts";
import type { StepHandler } from "./step-handler.ts";
import { type StepResult, work } from "./step-work.ts";
import { subflowIds } from "./subflow-ids.ts";
import { triggerOf, watchTriggers } from "./triggers.ts";

/** Less than the 15 s that Node-RED waits for a closing node. The rest of the clean-up continues after that. */
const MAX_CLOSE_MS = 10_000;

const FLOW_STOPPED = "the flow was stopped or redeployed.";

/** A message from this node to itself: to resume a step, or to send a failure to Catch again. */
type OwnMessage = { readonly resumed: Step } | { readonly failed: RecordedError };

/**
 * Makes a node a step of the pipeline, with run id, abort, resume, retries, status, errors and `done`.
 *
 * A step that is aborted because its node closes or because another step of its run has failed does not reach Catch, because the failure
 * that caused it already has. It sends only if its handler resolves.
 */
export function stepNode(red: NodeAPI, node: Node, def: StepDef, handler: StepHandler): void {
  const running = new Map<Step, Promise<void>>();
  const ownMessages = new WeakMap<object, OwnMessage>();
  const contextOf = (step: Step, msg: Message, send: Send): StepContext =>
    new StepContext({ red, node, def, msg, send, step });
  const registered: RegisteredNode = {
    type: node.type,
    role: handler.role,
    resume: (step, message) => {
      if (step.record.type !== node.type) {
        step.abort("removed", "another type of node has replaced its node.");
        step.drop();
        return;
      }
      const { missing } = step.received;
      if (missing.length > 0) {
        node.warn(`The run ${step.runId} is resumed. Not restored from the journal: ${missing.join(", ")}.`);
      }
      receiveOwn(message, { resumed: step });
    },
    send: (message, output) => node.send(onOutput(message as Message, output)),
    sendError: (message, failed) => receiveOwn(message, { failed }),
    reattach: (step, message) => handler.reattach?.(contextOf(step, (message ?? {}) as Message, () => {})),
    leadsTo: (nodeId) => leadsTo(red, node, nodeId),
    clearStatus: () => {
      if (running.size === 0) {
        node.status({});
      }
    },
  };
  function receiveOwn(message: unknown, what: OwnMessage): void {
    const given = (typeof message === "object" && message !== null ? message : {}) as Message;
    ownMessages.set(given, what);
    node.receive(given);
  }
  runs.nodes.register(node.id, registered);
  registerConfigured(red, node, def);
  showUnsetOnStart(red);
  resumeRunsOnStart(red);
  watchTriggers(red);

  node.on("input", (incoming, send, done) => {
    const msg = incoming as Message;
    const own = ownMessages.get(msg);
    const command = own ? undefined : (handler.control?.(msg, [...running.keys()]) ?? handleRunCommand(msg));
    if (command) {
      command.then(
        () => settle(node, "completed", done, msg),
        (error: unknown) => settle(node, toPipelineError(error), done, msg),
      );
      return;
    }
    let step: Step | undefined;
    try {
      step = stepFor(msg, own);
    } catch (error) {
      settle(node, toPipelineError(error), done, msg);
      return;
    }
    if (!step) {
      settle(node, "completed", done, msg);
      return;
    }
    const started = step;
    if (!own && runs.areFlowsStopping) {
      started.abort("closed", FLOW_STOPPED);
    }
    const isFirst = started.record.resumeCount === undefined && senderOf(msg) === undefined && !started.alwaysRuns;
    const checked: StepHandler = isFirst
      ? {
          ...handler,
          handle: async (context) => {
            await refuseUnconfigured(red, node, msg);
            return handler.handle(context);
          },
        }
      : handler;
    const ended = work(checked, started, contextOf(started, msg, send as Send))
      .catch((thrown: unknown) => failUnexpectedly(started, thrown))
      .then((result) => {
        if (result !== "completed") {
          showUnset(red, node);
        }
        settle(node, result, done, msg);
      })
      .finally(() => running.delete(started));
    running.set(started, ended);
  });

  /** The step that a message starts or resumes; undefined for a duplicate. */
  function stepFor(msg: Message, own: OwnMessage | undefined): Step | undefined {
    if (own && "failed" in own) {
      throw new PipelineError(own.failed.code as never, own.failed.message, { details: own.failed.details });
    }
    return own ? own.resumed : begin(red, node, handler, msg);
  }

  node.on("close", (removed: boolean, closed: () => void) => {
    runs.nodes.unregister(node.id, registered);
    for (const step of running.keys()) {
      if (removed) {
        step.abort("removed", "the node was deleted or disabled.");
      } else {
        step.abort("closed", FLOW_STOPPED);
      }
    }
    const ended = Promise.all(running.values()).then(() => runs.flush());
    const inTime = Promise.race([ended, pause(MAX_CLOSE_MS, undefined, { ref: false })]);
    // In both cases, because an unhandled rejection ends the process.
    void inTime.then(
      () => closed(),
      () => closed(),
    );
  });
}

function begin(red: NodeAPI, node: Node, { role, alwaysRuns = false }: StepHandler, msg: Message): Step | undefined {
  const runId = runIdOf(msg, () => red.util.generateId());
  const [parentStepId, parentItem] = [senderOf(msg), sentItemOf(msg)];
  if (parentStepId !== undefined && runs.isDuplicate(runId, node.id, parentStepId, parentItem)) {
    return undefined;
  }
  const name = node.name || shortName(node.type);
  const identity = { nodeId: node.id, type: node.type, role, name, ...subflowIds(node), alwaysRuns };
  const trigger = triggerOf(red, msg);
  return runs.begin(runId, identity, {
    ...{ afterError: msg.error !== undefined, message: msg, trigger },
    ...(parentStepId !== undefined && { parentStepId }),
    ...(parentItem !== undefined && { parentItem }),
  });
}

/** A safeguard: `work` never rejects. If it does, the step fails and Catch is informed. */
function failUnexpectedly(step: Step, thrown: unknown): PipelineError {
  const error = toPipelineError(thrown);
  step.fail(error);
  return error;
}

/** Never throws. Catch and Complete get clones, and some messages can't be cloned. Then Catch gets the plain part of the message. */
function settle(node: Node, result: StepResult, done: (error?: Error) => void, msg: Message): void {
  try {
    if (result === "completed") {
      done();
    } else if (result !== "dropped") {
      done(result);
    }
  } catch (thrown) {
    const why = toPipelineError(thrown).message;
    if (typeof result === "string") {
      node.warn(`Complete nodes were not informed, because the message can't be cloned: ${why}`);
      return;
    }
    node.warn(`Catch gets the message without its objects, because they can't be cloned: ${why}`);
    try {
      node.error(result, plainPart(msg));
    } catch (again) {
      node.error(`${result.message} The flow was not informed: ${toPipelineError(again).message}`);
    }
  }
}
