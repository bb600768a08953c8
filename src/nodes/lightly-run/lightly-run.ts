import type { LightlyAccountNode } from "../lightly-account/lightly-account.ts";
import { accountOf } from "../shared/accounts/account.ts";
import type { NodeAPI, StepDef } from "../shared/node-red.ts";
import { stepNode } from "../shared/step/step-node.ts";
import { cancelOnRequest } from "../shared/step/waits/cancel-on-request.ts";
import type { LightlyRunNode, Secrets } from "./run-request.ts";

export default function lightlyRun(red: NodeAPI): void {
  red.nodes.registerType<LightlyRunNode, StepDef, object, Secrets>(
    "lightly-run",
    function (this: LightlyRunNode, def: StepDef) {
      red.nodes.createNode(this, def);
      this.lightlyAccount = () => accountOf<LightlyAccountNode>(red, def, "lightly-account");
      stepNode(red, this, def, {
        role: "select",
        handle: async (context) => (await import("./handler.ts")).selectWithLightly(red, this, def, context),
        undo: async (context) => (await import("./handler.ts")).undo(red, def, context),
        control: cancelOnRequest,
      });
    },
    { credentials: { accessKeyId: { type: "text" }, secretAccessKey: { type: "password" } } },
  );
}
