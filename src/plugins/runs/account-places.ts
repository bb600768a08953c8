import type { Node, NodeAPI } from "../../nodes/shared/node-red.ts";

/** Where the web pages of what an account's steps have made are. */
export interface AccountPlace {
  /** Of an AWS account that is really at AWS. */
  readonly region?: string;
  /** Of a Lightly account that is really at Lightly. */
  readonly app?: string;
}

/** An account's node, as far as this needs it. */
interface Account extends Node {
  consoleRegion?(): string | undefined;
  appAddress?(): string | undefined;
}

/** The places of all accounts, by id; those that have an endpoint of their own have none. */
export function accountPlaces(red: NodeAPI): Record<string, AccountPlace> {
  const places: [string, AccountPlace][] = [];
  red.nodes.eachNode(({ id, type }) => {
    if (type !== "lightly-aws-account" && type !== "lightly-account") {
      return;
    }
    const account = red.nodes.getNode(id) as Account | null | undefined;
    const region = account?.consoleRegion?.();
    const app = account?.appAddress?.();
    if (region !== undefined || app !== undefined) {
      places.push([id, { region, app }]);
    }
  });
  return Object.fromEntries(places);
}
