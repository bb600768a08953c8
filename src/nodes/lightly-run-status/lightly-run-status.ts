import { type PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import { runs } from "../../runs/run-registry.ts";
import { Inputs } from "../shared/inputs/inputs.ts";
import type { Message, Node, NodeAPI, Send, StepDef } from "../shared/node-red.ts";
import { runIdIn } from "../shared/step/message-ids.ts";
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

    this.on("input", (incoming, send, done) => {
      const msg = incoming as Message;
      const inputs = new Inputs(red, this, def, msg);
      const status = new StepStatus(red, this);
      void answer(inputs, status, msg, send as Send).then((error) => end(this, done, error));
    });
  });
}

/** Never rejects: Node-RED ends the process on an unhandled rejection. */
async function answer(
  inputs: Inputs,
  status: StepStatus,
  msg: Message,
  send: Send,
): Promise<PipelineError | undefined> {
  try {
    const { runId: named } = await inputs.read(fields, "runId");
    const runId = runIdIn(named) ?? named;
    const record = runs.get(runId);
    const run = record && runView(record);
    showState(status, run);
    msg.statusCode = run ? 200 : 404;
    msg.payload = run ?? { code: "RUN_NOT_FOUND", message: `There is no run ${runId}.` };
    send(msg);
    return undefined;
  } catch (thrown) {
    const error = toPipelineError(thrown);
    status.showText("failed", error.code);
    return error;
  }
}

function showState(status: StepStatus, run: RunView | undefined): void {
  if (run) {
    status.show(STATUS_LOOKS[run.state], run.state);
  } else {
    status.show("aborted", "unknown");
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
