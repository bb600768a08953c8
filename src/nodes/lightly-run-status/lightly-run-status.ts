import { type PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import { runs } from "../../runs/run-registry.ts";
import { Inputs } from "../shared/inputs/inputs.ts";
import type { Message, Node, NodeAPI, Send, StepDef } from "../shared/node-red.ts";
import { runIdIn } from "../shared/step/messages/message-ids.ts";
import { type StatusLook, StepStatus } from "../shared/step/step-status.ts";
import { fields } from "./fields.ts";
import { type RunView, runView } from "./run-view.ts";

/** The status of the node for each state of a run. */
const STATUS_LOOKS = {
  running: "working",
  completed: "done",
  failed: "failed",
  aborted: "aborted",
  interrupted: "waiting",
} as const satisfies Record<string, StatusLook>;

/** Reads a run. The node is not a step, because reading a run must not change it. */
export default function runStatus(red: NodeAPI): void {
  red.nodes.registerType("lightly-run-status", function (this: Node, def: StepDef) {
    red.nodes.createNode(this, def);
    const shown = new ShownRun(new StepStatus(red, this));
    const unsubscribe = runs.onChange((runId) => shown.runChanged(runId));
    this.on("close", () => unsubscribe());

    this.on("input", (incoming, send, done) => {
      const msg = incoming as Message;
      const inputs = new Inputs(red, this, def, msg);
      void respond(inputs, shown, msg, send as Send).then((error) => end(this, done, error));
    });
  });
}

/** Never rejects: Node-RED ends the process on an unhandled rejection. */
async function respond(inputs: Inputs, shown: ShownRun, msg: Message, send: Send): Promise<PipelineError | undefined> {
  try {
    const { runId: named } = await inputs.read(fields, "runId");
    const runId = runIdIn(named) ?? named;
    const record = runs.get(runId);
    const run = record && runView(record, runs.now());
    shown.show(run);
    msg.statusCode = run ? 200 : 404;
    msg.payload = run ?? { code: "RUN_NOT_FOUND", message: `There is no run ${runId}.` };
    send(msg);
    return undefined;
  } catch (thrown) {
    const error = toPipelineError(thrown);
    shown.fail(error);
    return error;
  }
}

/** The state that the node shows: of the run that was read last, even when it changes later. */
class ShownRun {
  readonly #status: StepStatus;
  #run: Pick<RunView, "runId" | "state"> | undefined;

  constructor(status: StepStatus) {
    this.#status = status;
  }

  show(run: RunView | undefined): void {
    this.#run = run;
    if (run) {
      this.#status.show(STATUS_LOOKS[run.state], run.state);
    } else {
      this.#status.show("aborted", "unknown");
    }
  }

  fail(error: PipelineError): void {
    this.#run = undefined;
    this.#status.showText("failed", error.code);
  }

  /** A run has changed, perhaps another one, or its progress alone. */
  runChanged(runId: string): void {
    const state = this.#run?.runId === runId ? runs.summary(runId)?.state : undefined;
    if (state !== undefined && state !== this.#run?.state) {
      this.#run = { runId, state };
      this.#status.show(STATUS_LOOKS[state], state);
    }
  }
}

/** Never throws. Catch and Complete get clones, and some messages can't be cloned. */
function end(node: Node, done: (error?: Error) => void, error: PipelineError | undefined): void {
  try {
    done(error);
  } catch (thrown) {
    const failure = error ? `${error.message} ` : "";
    node.error(
      `${failure}The flow was not informed, because the message can't be cloned: ${toPipelineError(thrown).message}`,
    );
  }
}
