import { allowHostsOfSettings } from "../shared/allowed-hosts.ts";
import type { Node, NodeAPI, StepDef } from "../shared/node-red.ts";
import { stepNode } from "../shared/step/step-node.ts";

export default function pexelsDownload(red: NodeAPI): void {
  red.nodes.registerType("lightly-pexels-download", function (this: Node, def: StepDef) {
    red.nodes.createNode(this, def);
    allowHostsOfSettings(red);
    stepNode(red, this, def, {
      role: "download",
      handle: async (context) => (await import("./handler.ts")).download(red, def, context),
      undo: async (context) => (await import("./handler.ts")).undo(context),
    });
  });
}
