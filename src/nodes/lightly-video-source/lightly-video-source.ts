import type { Node, NodeAPI, StepDef } from "../shared/node-red.ts";
import { stepNode } from "../shared/step/step-node.ts";

export default function videoSource(red: NodeAPI): void {
  red.nodes.registerType("lightly-video-source", function (this: Node, def: StepDef) {
    red.nodes.createNode(this, def);
    stepNode(red, this, def, {
      role: "source",
      handle: async (context) => (await import("./handler.ts")).sendVideos(red, def, context),
    });
  });
}
