import type { AwsClients } from "../../services/aws/clients/aws-clients.ts";
import { registerConfigured } from "../shared/configuration/configured-nodes.ts";
import type { Node, NodeAPI, NodeDef } from "../shared/node-red.ts";
import { type AwsAccountForm, type AwsSecrets, awsSettings } from "./aws-settings.ts";

type AwsAccountDef = NodeDef & AwsAccountForm;

/** An AWS account: provides SDK clients to the steps that refer to it. */
export interface AwsAccountNode extends Node<AwsSecrets> {
  readonly type: "lightly-aws-account";
  /** @throws PipelineError `VARIABLE_UNDEFINED` or `AWS_CREDENTIALS_MISSING` if the account's form can't be used */
  clients(): Promise<AwsClients>;
  /** The region of the AWS console with the account's resources; undefined if the console does not show them. */
  consoleRegion(): Promise<string | undefined>;
}

/** A step may still be cleaning up when its account closes: Node-RED does not wait for it. */
const DESTROY_DELAY_MS = 30_000;

export default function awsAccount(red: NodeAPI): void {
  red.nodes.registerType<AwsAccountNode, AwsAccountDef, object, AwsSecrets>(
    "lightly-aws-account",
    function (this: AwsAccountNode, def: AwsAccountDef) {
      red.nodes.createNode(this, def);
      registerConfigured(red, this, def);
      let clients: Promise<AwsClients> | undefined;
      this.clients = async () => {
        const settings = awsSettings(this, def);
        clients ??= import("../../services/aws/clients/aws-clients.ts").then(
          ({ AwsClients }) => new AwsClients(settings),
        );
        return clients;
      };
      this.consoleRegion = async () => {
        try {
          const { credentials, ...settings } = awsSettings(this, def);
          const { source } = credentials;
          const { consoleRegion } = await import("../../services/aws/configuration/console-region.ts");
          return await consoleRegion({ ...settings, ...(source.kind === "profile" && { profile: source.profile }) });
        } catch {
          // A field is not valid: the steps report it.
          return undefined;
        }
      };
      this.on("close", () => {
        const destroy = (lent: AwsClients): Promise<void> => lent.destroy();
        // The step that uses the clients gets the error. An unhandled rejection here would end Node-RED.
        setTimeout(() => void clients?.then(destroy, () => undefined), DESTROY_DELAY_MS).unref();
      });
    },
    {
      credentials: {
        accessKeyId: { type: "text" },
        secretAccessKey: { type: "password" },
        sessionToken: { type: "password" },
        proxy: { type: "text" },
      },
    },
  );
}
