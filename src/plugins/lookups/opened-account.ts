import type { NodeAPI } from "node-red";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { connectLightly } from "../../nodes/lightly-account/connect-lightly.ts";
import type { LightlyAccountNode } from "../../nodes/lightly-account/lightly-account.ts";
import { awsSettings } from "../../nodes/lightly-aws-account/aws-settings.ts";
import type { AwsAccountNode } from "../../nodes/lightly-aws-account/lightly-aws-account.ts";
import { connectPexels } from "../../nodes/lightly-pexels-account/connect-pexels.ts";
import type { AwsClients } from "../../services/aws/clients/aws-clients.ts";
import type { LightlyClient } from "../../services/lightly/client/lightly-client.ts";
import type { PexelsClient } from "../../services/pexels/pexels-client.ts";
import type { AccountInEditor } from "./filled-account.ts";

/** An account that can be asked. */
export type OpenedAccount =
  | { readonly kind: "aws"; readonly clients: AwsClients; readonly endpoint?: string; close(): Promise<void> }
  | { readonly kind: "lightly"; readonly client: LightlyClient; close(): Promise<void> }
  | { readonly kind: "pexels"; readonly client: PexelsClient; close(): Promise<void> };

const nothing = async (): Promise<void> => {};

/**
 * Opens an account as it is deployed: its clients are the account's own.
 *
 * @throws PipelineError `ACCOUNT_MISSING`, and what the account throws that can't be used
 */
export async function openDeployed(red: NodeAPI, id: string): Promise<OpenedAccount> {
  const account = red.nodes.getNode(id) as AwsAccountNode | LightlyAccountNode | null | undefined;
  switch (account?.type) {
    case "lightly-aws-account":
      return { kind: "aws", clients: await account.clients(), close: nothing };
    case "lightly-account":
      return { kind: "lightly", client: (await account.connect()).client, close: nothing };
    default:
      throw new PipelineError("ACCOUNT_MISSING", "The account is not deployed, or it is disabled. Deploy it first.", {
        details: { account: id },
      });
  }
}

/**
 * Opens an account as it stands in the editor, with clients of its own.
 *
 * @throws PipelineError for an account that can't be used (see the account's form), `INPUT_INVALID` for another type
 */
export async function openFilled(account: AccountInEditor): Promise<OpenedAccount> {
  switch (account.type) {
    case "lightly-aws-account": {
      const settings = awsSettings(account, account.values);
      const { AwsClients } = await import("../../services/aws/clients/aws-clients.ts");
      const clients = new AwsClients(settings);
      const { endpoint } = settings;
      return { kind: "aws", clients, endpoint, close: () => clients.destroy() };
    }
    case "lightly-account":
      return { kind: "lightly", client: (await connectLightly(account, account.values)).client, close: nothing };
    case "lightly-pexels-account":
      return { kind: "pexels", client: await connectPexels(account, account.values), close: nothing };
    default:
      throw new PipelineError("INPUT_INVALID", `There is no account of the type "${account.type.slice(0, 60)}".`);
  }
}
