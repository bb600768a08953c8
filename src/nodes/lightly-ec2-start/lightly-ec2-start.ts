import { toPipelineError } from "../../errors/pipeline-error.ts";
import type { AwsAccountNode } from "../lightly-aws-account/lightly-aws-account.ts";
import { accountOf } from "../shared/accounts/account.ts";
import { InstanceStatus } from "../shared/instances/instance-status.ts";
import type { Node, NodeAPI, StepDef } from "../shared/node-red.ts";
import { stepNode } from "../shared/step/step-node.ts";
import { lendAccounts } from "./lend-accounts.ts";
import { reattach } from "./reattach.ts";
import { StepTimers } from "./step-timers.ts";

export default function ec2Start(red: NodeAPI): void {
  lendAccounts(red);
  red.nodes.registerType("lightly-ec2-start", function (this: Node, def: StepDef) {
    red.nodes.createNode(this, def);
    const closed = new AbortController();
    // The timers on the instances stay armed: they are needed if this node does not return.
    this.on("close", () => closed.abort());
    const warn = (text: string): void => this.warn(text);
    const account = () => accountOf<AwsAccountNode>(red, def, "lightly-aws-account");
    const shown = new InstanceStatus(this);
    const timers = new StepTimers({ clients: () => account().clients(), warn, signal: closed.signal });
    stepNode(red, this, def, {
      role: "start",
      handle: async (context) =>
        (await import("./handler.ts")).start(context, { account: account(), timers, warn, shown }),
      reattach: (context) => {
        reattach(context, { account, timers, warn }).catch((error: unknown) => warn(toPipelineError(error).message));
      },
    });
  });
}
