import type { NodeAPI } from "node-red";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { connectLightly } from "../../nodes/lightly-account/connect-lightly.ts";
import type { LightlyAccountNode } from "../../nodes/lightly-account/lightly-account.ts";
import { awsSettings } from "../../nodes/lightly-aws-account/aws-settings.ts";
import type { AwsAccountNode } from "../../nodes/lightly-aws-account/lightly-aws-account.ts";
import { connectPexels } from "../../nodes/lightly-pexels-account/connect-pexels.ts";
import type { AwsClientSettings, AwsClients } from "../../services/aws/clients/aws-clients.ts";
import type { LightlyClient } from "../../services/lightly/client/lightly-client.ts";
import type { PexelsClient } from "../../services/pexels/pexels-client.ts";
import type { EditedAccount } from "./edited-account.ts";

/** An account with its open client. */
export type AccountClient =
  | { readonly kind: "aws"; readonly clients: AwsClients; close(): Promise<void> }
  | { readonly kind: "lightly"; readonly client: LightlyClient; close(): Promise<void> }
  | { readonly kind: "pexels"; readonly client: PexelsClient; close(): Promise<void> };

const keepOpen = async (): Promise<void> => {};

/**
 * Uses the clients of a deployed account.
 *
 * @throws PipelineError `ACCOUNT_MISSING`, and the errors of an account that can't be used
 */
export async function connectDeployed(red: NodeAPI, id: string): Promise<AccountClient> {
  const account = red.nodes.getNode(id) as AwsAccountNode | LightlyAccountNode | null | undefined;
  switch (account?.type) {
    case "lightly-aws-account":
      return { kind: "aws", clients: await account.clients(), close: keepOpen };
    case "lightly-account":
      return { kind: "lightly", client: (await account.connect()).client, close: keepOpen };
    default:
      throw new PipelineError("ACCOUNT_MISSING", "The account is not deployed, or it is disabled. Deploy it first.", {
        details: { account: id },
      });
  }
}

/**
 * Creates clients for an account as it is in the editor.
 *
 * @param options.defaultRegion - see `SettingsOfForm`
 * @throws PipelineError for an account that can't be used, `INPUT_INVALID` for another type
 */
export async function connectEdited(
  account: EditedAccount,
  options: Pick<AwsClientSettings, "defaultRegion"> = {},
): Promise<AccountClient> {
  switch (account.type) {
    case "lightly-aws-account": {
      const settings = awsSettings(account, account.values);
      const { AwsClients } = await import("../../services/aws/clients/aws-clients.ts");
      const clients = new AwsClients({ ...settings, ...options });
      return { kind: "aws", clients, close: () => clients.destroy() };
    }
    case "lightly-account":
      return { kind: "lightly", client: (await connectLightly(account, account.values)).client, close: keepOpen };
    case "lightly-pexels-account":
      return { kind: "pexels", client: await connectPexels(account, account.values), close: keepOpen };
    default:
      throw new PipelineError(
        "INPUT_INVALID",
        `The type "${account.type.slice(0, 60)}" is not an account. Use lightly-aws-account, lightly-account or lightly-pexels-account.`,
      );
  }
}
