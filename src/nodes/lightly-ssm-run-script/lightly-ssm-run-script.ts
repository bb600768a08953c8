import type { Node, NodeAPI, StepDef } from "../shared/node-red.ts";
import { stepNode } from "../shared/step/step-node.ts";

export default function ssmRunScript(red: NodeAPI): void {
  red.nodes.registerType("lightly-ssm-run-script", function (this: Node, def: StepDef) {
    red.nodes.createNode(this, def);
    stepNode(red, this, def, {
      role: "command",
      handle: async (context) => (await import("./handler.ts")).runScript(red, def, context),
      undo: async (context) => (await import("./handler.ts")).undo(red, def, context),
    });
  });
}
