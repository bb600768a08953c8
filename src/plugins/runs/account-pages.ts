import type { Node, NodeAPI } from "../../nodes/shared/node-red.ts";

/** The web consoles that show the resources of an account. */
export interface AccountPages {
  /** The region of the AWS console, for an account that uses AWS itself. */
  readonly consoleRegion?: string;
  /** The address of the Lightly app, for an account that uses Lightly itself. */
  readonly appUrl?: string;
}

/** The part of an account's node that is used here. */
interface Account extends Node {
  consoleRegion?(): string | undefined;
  appAddress?(): string | undefined;
}

/** The web consoles of all accounts, by node id. Accounts with another endpoint have none. */
export function accountPages(red: NodeAPI): Record<string, AccountPages> {
  const pages: [string, AccountPages][] = [];
  red.nodes.eachNode(({ id, type }) => {
    if (type !== "lightly-aws-account" && type !== "lightly-account") {
      return;
    }
    const account = red.nodes.getNode(id) as Account | null | undefined;
    const consoleRegion = account?.consoleRegion?.();
    const appUrl = account?.appAddress?.();
    if (consoleRegion !== undefined || appUrl !== undefined) {
      pages.push([id, { consoleRegion, appUrl }]);
    }
  });
  return Object.fromEntries(pages);
}
