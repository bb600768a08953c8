import { beforeFirstUse } from "../../runs/first-use.ts";
import type { AwsAccountNode } from "../lightly-aws-account/lightly-aws-account.ts";
import { instanceControl } from "../shared/instances/account-instance-control.ts";
import type { NodeAPI } from "../shared/node-red.ts";

/** The poll interval of guards, unless a form has another one: they watch an instance, and the end of a stop. */
export const GUARD_POLL_MS = 5000;

/** Lets guards stop instances with the clients of their account, if the nodes that have used it were deleted before a restart. */
export function lendAccounts(red: NodeAPI): void {
  beforeFirstUse(({ instances }) => {
    instances.findControl = (accountId) => {
      // According to the published types, getNode never returns null, but it does.
      const account = red.nodes.getNode(accountId) as AwsAccountNode | null | undefined;
      if (account?.type !== "lightly-aws-account") {
        return undefined;
      }
      const warn = (text: string): void => red.log.warn(text);
      return instanceControl({ accountId, clients: account.clients(), pollMs: GUARD_POLL_MS, warn });
    };
  });
}
