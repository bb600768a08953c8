import type { Node, NodeAPI, StepDef } from "../shared/node-red.ts";
import { stepNode } from "../shared/step/step-node.ts";
import { cancelOnRequest } from "../shared/step/waits/cancel-on-request.ts";

export default function batchRun(red: NodeAPI): void {
  red.nodes.registerType("lightly-batch-run", function (this: Node, def: StepDef) {
    red.nodes.createNode(this, def);
    stepNode(red, this, def, {
      role: "command",
      handle: async (context) => (await import("./handler.ts")).runJob(red, def, context),
      undo: async (context) => (await import("./handler.ts")).undo(red, def, context),
      control: cancelOnRequest,
    });
  });
}
