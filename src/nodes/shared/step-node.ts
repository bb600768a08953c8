import { setTimeout as pause } from "node:timers/promises";
import { PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import type { RecordedError } from "../../runs/records/run-record.ts";
import { runs } from "../../runs/run-registry.ts";
import type { Step, StepIdentity } from "../../runs/steps/step.ts";
import type { StepDoor } from "../../runs/steps/step-door.ts";
import { behindCatch, behindOutput, leadsTo, nextSteps } from "./flow-graph.ts";
import { Inputs } from "./inputs.ts";
import { runIdOf, senderOf } from "./message-ids.ts";
import type { Message, Node, NodeAPI, Send, StepDef } from "./node-red.ts";
import { plainPart } from "./plain-part.ts";
import { obeyRunCommand } from "./run-command.ts";
import { shortName } from "./short-name.ts";
import type { StepContext, StepNodeOptions } from "./step-options.ts";
import { StepStatus } from "./step-status.ts";
import { type Outcome, work } from "./step-work.ts";
import { takeUpRunsOnStart } from "./take-up.ts";
import { triggerOf, watchTriggers } from "./triggers.ts";

/** Node-RED waits 15 s for a closing node; what is left of the clean-up goes on behind it. */
const MAX_CLOSE_MS = 10_000;

/** What a message is that we have given to our own node. */
type Ours = { readonly resumed: Step } | { readonly failed: RecordedError };

/**
 * Wires a step node: run id, abort, resume, retries, status, errors and the end of each message, so that no shell can forget one of
 * them.
 *
 * A step that is aborted because its node closes or because another step of its run failed is nobody's failure: it does not reach
 * Catch, since the failure that caused it already has. It sends only if its handler makes a result of its end and resolves.
 */
export function stepNode(red: NodeAPI, node: Node, def: StepDef, options: StepNodeOptions): void {
  const working = new Map<Step, Promise<void>>();
  const ours = new WeakMap<object, Ours>();
  const door: StepDoor = {
    type: node.type,
    resume: (step, message) => {
      if (step.record.type !== node.type) {
        step.abort("removed", "another kind of node has taken its node's place.");
        step.drop();
        return;
      }
      if (step.received.lost.length > 0) {
        node.warn(`The run ${step.runId} goes on; of its message this was not kept: ${step.received.lost.join(", ")}.`);
      }
      giveAgain(message, { resumed: step });
    },
    handOn: (message, output) => node.send(onOutput(message as Message, output)),
    failAgain: (message, failed) => giveAgain(message, { failed }),
    keep: (step, message) => options.keep?.(step, new Inputs(red, node, def, (message ?? {}) as Message)),
    leadsTo: (nodeId) => leadsTo(red, node, nodeId),
  };
  function giveAgain(message: unknown, what: Ours): void {
    const given = (typeof message === "object" && message !== null ? message : {}) as Message;
    ours.set(given, what);
    node.receive(given);
  }
  runs.open(node.id, door);
  takeUpRunsOnStart(red);
  watchTriggers(red);

  node.on("input", (incoming, send, done) => {
    const msg = incoming as Message;
    const known = ours.get(msg);
    const command = known ? undefined : (options.control?.(msg, [...working.keys()]) ?? obeyRunCommand(msg));
    if (command) {
      command.then(
        () => settle(node, "completed", done, msg),
        (error: unknown) => settle(node, toPipelineError(error), done, msg),
      );
      return;
    }
    let step: Step | undefined;
    try {
      step = received(msg, known);
    } catch (error) {
      settle(node, toPipelineError(error), done, msg);
      return;
    }
    if (!step) {
      settle(node, "completed", done, msg);
      return;
    }
    const begun = step;
    const context = contextOf(red, node, def, { msg, send: send as Send, step: begun });
    const ended = work(options, def, context)
      .catch((thrown: unknown) => unforeseen(begun, thrown))
      .then((outcome) => settle(node, outcome, done, msg))
      .finally(() => working.delete(begun));
    working.set(begun, ended);
  });

  /** The step that a message is work for; undefined when it has come twice. */
  function received(msg: Message, known: Ours | undefined): Step | undefined {
    if (known && "failed" in known) {
      throw new PipelineError(known.failed.code as never, known.failed.message, { details: known.failed.details });
    }
    return known ? known.resumed : begin(red, node, options, msg);
  }

  node.on("close", (removed: boolean, closed: () => void) => {
    runs.shut(node.id, door);
    for (const step of working.keys()) {
      if (removed) {
        step.abort("removed", "the node was deleted or disabled.");
      } else {
        step.abort("closed", "the flow was stopped or deployed again.");
      }
    }
    const ended = Promise.all(working.values()).then(() => runs.flush());
    const inTime = Promise.race([ended, pause(MAX_CLOSE_MS, undefined, { ref: false })]);
    // Either way: a rejection that nothing handles ends the process.
    void inTime.then(
      () => closed(),
      () => closed(),
    );
  });
}

function begin(red: NodeAPI, node: Node, { alwaysRuns = false }: StepNodeOptions, msg: Message): Step | undefined {
  const runId = runIdOf(msg, () => red.util.generateId());
  const from = senderOf(msg);
  if (from !== undefined && runs.isRepetition(runId, node.id, from)) {
    return undefined;
  }
  const name = node.name || shortName(node.type);
  const identity: StepIdentity = { nodeId: node.id, type: node.type, name, alwaysRuns };
  return runs.begin(runId, identity, {
    afterError: msg.error !== undefined,
    message: msg,
    from,
    trigger: triggerOf(red, msg),
  });
}

function contextOf(
  red: NodeAPI,
  node: Node,
  def: StepDef,
  { msg, send, step }: { msg: Message; send: Send; step: Step },
): StepContext {
  const mark = (message: Message): void => {
    // Not by an assignment, which throws for a frozen message.
    Reflect.set(message, "_lightly", { from: step.record.stepId });
  };
  return {
    msg,
    send: (message, output = 0) => {
      if (step.handOn(output, message, nextSteps(red, behindOutput(node, output)))) {
        mark(message);
        send(onOutput(message, output));
      }
    },
    notify: (message, output) => send(onOutput(message, output)),
    handOnError: () => {
      step.handOn("error", msg, nextSteps(red, behindCatch(red, node)));
      mark(msg);
    },
    warn: (text) => node.warn(text),
    step,
    signal: step.signal,
    inputs: new Inputs(red, node, def, msg),
    status: new StepStatus(red, node),
  };
}

function onOutput(message: Message, output: number): Array<Message | null> {
  return [...Array.from({ length: output }, () => null), message];
}

/** A step's work never rejects; should it, the step ends all the same, and Catch is told. */
function unforeseen(step: Step, thrown: unknown): PipelineError {
  const error = toPipelineError(thrown);
  step.fail(error);
  return error;
}

/** Never throws: Catch and Complete get clones, and there are messages that can't be cloned. Catch then gets what can. */
function settle(node: Node, outcome: Outcome, done: (error?: Error) => void, msg: Message): void {
  try {
    if (outcome === "completed") {
      done();
    } else if (outcome !== "dropped") {
      done(outcome);
    }
  } catch (thrown) {
    const why = toPipelineError(thrown).message;
    if (typeof outcome === "string") {
      node.warn(`Complete nodes were not told, since the message can't be copied: ${why}`);
      return;
    }
    node.warn(`Catch gets the message without its objects, since they can't be copied: ${why}`);
    try {
      node.error(outcome, plainPart(msg));
    } catch (again) {
      node.error(`${outcome.message} The flow was not told: ${toPipelineError(again).message}`);
    }
  }
}
