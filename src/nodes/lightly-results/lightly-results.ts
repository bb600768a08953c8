import type { LightlyAccountNode } from "../lightly-account/lightly-account.ts";
import type { AwsAccountNode } from "../lightly-aws-account/lightly-aws-account.ts";
import { accountOf } from "../shared/accounts/account.ts";
import type { AwsNode } from "../shared/accounts/aws-node.ts";
import type { LightlyNode } from "../shared/accounts/lightly-node.ts";
import { allowHostsOfSettings } from "../shared/allowed-hosts.ts";
import type { NodeAPI, StepDef } from "../shared/node-red.ts";
import { stepNode } from "../shared/step/step-node.ts";

export default function lightlyResults(red: NodeAPI): void {
  red.nodes.registerType("lightly-results", function (this: LightlyNode & AwsNode, def: StepDef) {
    red.nodes.createNode(this, def);
    allowHostsOfSettings(red);
    this.lightlyAccount = () => accountOf<LightlyAccountNode>(red, def, "lightly-account");
    this.awsAccount = () => accountOf<AwsAccountNode>(red, def, "lightly-aws-account", "awsAccount");
    stepNode(red, this, def, {
      role: "results",
      handle: async (context) => (await import("./handler.ts")).readResults(red, this, def, context),
      undo: async (context) => (await import("./handler.ts")).undo(context),
    });
  });
}
