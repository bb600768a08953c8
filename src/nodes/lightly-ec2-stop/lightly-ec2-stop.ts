import { InstanceStatus } from "../shared/instances/instance-status.ts";
import type { Node, NodeAPI, StepDef } from "../shared/node-red.ts";
import { stepNode } from "../shared/step/step-node.ts";

export default function ec2Stop(red: NodeAPI): void {
  red.nodes.registerType("lightly-ec2-stop", function (this: Node, def: StepDef) {
    red.nodes.createNode(this, def);
    const shown = new InstanceStatus(this);
    stepNode(red, this, def, {
      role: "stop",
      alwaysRuns: true,
      handle: async (context) =>
        (await import("./handler.ts")).stop(red, def, context, { shown, warn: (text) => this.warn(text) }),
    });
  });
}
