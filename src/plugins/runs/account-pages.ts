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
  consoleRegion?(): Promise<string | undefined>;
  appAddress?(): string | undefined;
}

/** The web consoles of all accounts, by node id. Accounts with another endpoint have none. */
export async function accountPages(red: NodeAPI): Promise<Record<string, AccountPages>> {
  const accounts: [string, Account][] = [];
  red.nodes.eachNode(({ id, type }) => {
    const isAccount = type === "lightly-aws-account" || type === "lightly-account";
    const account = isAccount ? (red.nodes.getNode(id) as Account | null | undefined) : undefined;
    if (account) {
      accounts.push([id, account]);
    }
  });
  const pages = await Promise.all(accounts.map(async ([id, account]) => [id, await pagesOf(account)] as const));
  return Object.fromEntries(pages.filter(([, { consoleRegion, appUrl }]) => consoleRegion ?? appUrl));
}

async function pagesOf(account: Account): Promise<AccountPages> {
  return { consoleRegion: await account.consoleRegion?.(), appUrl: account.appAddress?.() };
}
