import { runs } from "../../runs/run-registry.ts";
import type { AwsAccountNode } from "../lightly-aws-account/lightly-aws-account.ts";
import { instanceControl } from "../shared/instances/account-instance-control.ts";
import type { NodeAPI } from "../shared/node-red.ts";

const POLL_MS = 5000;

/** Has guards stop instances by an account that is still there, although the nodes that have used it are gone since a restart. */
export function lendAccounts(red: NodeAPI): void {
  runs.instances.findControl = (accountId) => {
    // The published types say that getNode always finds something; it does not.
    const account = red.nodes.getNode(accountId) as AwsAccountNode | null | undefined;
    if (account?.type !== "lightly-aws-account") {
      return undefined;
    }
    const warn = (text: string): void => red.log.warn(text);
    return instanceControl({ accountId, clients: account.clients(), pollMs: POLL_MS, warn });
  };
}
