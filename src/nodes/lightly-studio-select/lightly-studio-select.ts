import type { AwsAccountNode } from "../lightly-aws-account/lightly-aws-account.ts";
import { accountOf } from "../shared/accounts/account.ts";
import type { AwsNode } from "../shared/accounts/aws-node.ts";
import type { NodeAPI, StepDef } from "../shared/node-red.ts";
import { stepNode } from "../shared/step/step-node.ts";
import { cancelOnRequest } from "../shared/step/waits/cancel-on-request.ts";

export default function studioSelect(red: NodeAPI): void {
  red.nodes.registerType<AwsNode, StepDef, object, object>(
    "lightly-studio-select",
    function (this: AwsNode, def: StepDef) {
      red.nodes.createNode(this, def);
      this.awsAccount = () => accountOf<AwsAccountNode>(red, def, "lightly-aws-account");
      stepNode(red, this, def, {
        role: "select",
        handle: async (context) => (await import("./handler.ts")).selectWithStudio(red, this, context),
        undo: async (context) => (await import("./handler.ts")).undo(this, context),
        control: cancelOnRequest,
      });
    },
  );
}
