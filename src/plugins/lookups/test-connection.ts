import type { AccountClient } from "./account-client.ts";

/** The result of a connection test; `kind` is the kind of account. */
export type AccountReport =
  | {
      readonly kind: "aws";
      /** Absent if the endpoint has no STS. */
      readonly identity?: { readonly arn: string; readonly account: string };
      readonly allowed: readonly string[];
      readonly refused: ReadonlyArray<{ readonly action: string; readonly code: string; readonly message: string }>;
    }
  | { readonly kind: "lightly"; readonly server: string; readonly datasets: number; readonly more: boolean }
  | { readonly kind: "pexels"; readonly limit?: number; readonly remaining?: number; readonly resetAt?: string };

/**
 * Tests an account without changing anything.
 *
 * @throws PipelineError if the account can't be used
 */
export async function testConnection(account: AccountClient, signal: AbortSignal): Promise<AccountReport> {
  switch (account.kind) {
    case "aws": {
      const { checkAccount } = await import("../../services/aws/account/check-account.ts");
      const { identity, actions } = await checkAccount(account.clients, signal);
      return {
        kind: "aws",
        ...(identity && { identity }),
        allowed: actions.flatMap(({ action, fault }) => (fault ? [] : action)),
        refused: actions.flatMap(({ action, fault }) =>
          fault ? { action, code: fault.code, message: fault.message } : [],
        ),
      };
    }
    case "lightly": {
      const { listDatasets } = await import("../../services/lightly/datasets/list-datasets.ts");
      const { items, more } = await listDatasets(account.client, signal);
      return { kind: "lightly", server: account.client.server, datasets: items.length, more };
    }
    case "pexels": {
      const { checkPexelsKey } = await import("../../services/pexels/check-key.ts");
      return { kind: "pexels", ...(await checkPexelsKey(account.client, signal)) };
    }
  }
}
