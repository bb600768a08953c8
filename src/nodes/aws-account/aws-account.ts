import { PipelineError } from "../../errors/pipeline-error.ts";
import type { AwsClientSettings, AwsClients } from "../../services/aws/aws-clients.ts";
import type { AwsCredentialSettings } from "../../services/aws/credentials.ts";
import { resolvedSetting } from "../shared/account-settings.ts";
import type { Node, NodeAPI, NodeDef } from "../shared/node-red.ts";
import { present } from "../shared/present.ts";
import { consoleRegion } from "./console-region.ts";

interface Secrets {
  accessKeyId?: string;
  secretAccessKey?: string;
  sessionToken?: string;
}

interface AwsAccountDef extends NodeDef {
  readonly region?: string;
  readonly credentialSource?: "chain" | "profile" | "keys";
  readonly profile?: string;
  readonly roleArn?: string;
  readonly externalId?: string;
  readonly endpoint?: string;
  readonly pathStyle?: boolean;
}

/** An AWS account: lends SDK clients to the steps that refer to it. */
export interface AwsAccountNode extends Node<Secrets> {
  readonly type: "lightly-aws-account";
  /** @throws PipelineError `VARIABLE_UNDEFINED` or `AWS_CREDENTIALS_MISSING` when the account's form can't be used */
  clients(): Promise<AwsClients>;
  /** Where the AWS console shows what the account's steps do; undefined where it does not. */
  consoleRegion(): string | undefined;
}

/** A step may still be cleaning up when its account closes: Node-RED does not wait for it. */
const KEEP_CLIENTS_MS = 30_000;

export default function awsAccount(red: NodeAPI): void {
  red.nodes.registerType<AwsAccountNode, AwsAccountDef, object, Secrets>(
    "lightly-aws-account",
    function (this: AwsAccountNode, def: AwsAccountDef) {
      red.nodes.createNode(this, def);
      let clients: Promise<AwsClients> | undefined;
      this.clients = async () => {
        const settings = awsSettings(this, def);
        clients ??= import("../../services/aws/aws-clients.ts").then(({ AwsClients }) => new AwsClients(settings));
        return clients;
      };
      this.consoleRegion = () => {
        try {
          const region = resolvedSetting(this, "region", def.region);
          return consoleRegion({ region, endpoint: resolvedSetting(this, "endpoint", def.endpoint) }, process.env);
        } catch {
          // A variable is not set: the steps say so.
          return undefined;
        }
      };
      this.on("close", () => {
        const destroy = (lent: AwsClients): Promise<void> => lent.destroy();
        // Clients that could not be loaded have told the step that asked; here nobody would hear it, and Node-RED would exit.
        setTimeout(() => void clients?.then(destroy, () => undefined), KEEP_CLIENTS_MS).unref();
      });
    },
    {
      credentials: {
        accessKeyId: { type: "text" },
        secretAccessKey: { type: "password" },
        sessionToken: { type: "password" },
      },
    },
  );
}

function awsSettings(account: AwsAccountNode, def: AwsAccountDef): AwsClientSettings {
  return {
    pathStyle: def.pathStyle === true,
    credentials: credentialSettings(account, def),
    ...present({
      region: resolvedSetting(account, "region", def.region),
      endpoint: resolvedSetting(account, "endpoint", def.endpoint),
    }),
  };
}

function credentialSettings(account: AwsAccountNode, def: AwsAccountDef): AwsCredentialSettings {
  const source = credentialSource(account, def);
  const arn = resolvedSetting(account, "roleArn", def.roleArn);
  const externalId = resolvedSetting(account, "externalId", def.externalId);
  return arn === undefined ? { source } : { source, role: { arn, ...present({ externalId }) } };
}

function credentialSource(account: AwsAccountNode, def: AwsAccountDef): AwsCredentialSettings["source"] {
  switch (def.credentialSource) {
    case "profile":
      return { kind: "profile", profile: resolvedSetting(account, "profile", def.profile) ?? "default" };
    case "keys":
      return accessKeys(account);
    default:
      return { kind: "chain" };
  }
}

function accessKeys(account: AwsAccountNode): AwsCredentialSettings["source"] {
  const { credentials = {} } = account;
  const accessKeyId = resolvedSetting(account, "accessKeyId", credentials.accessKeyId);
  const secretAccessKey = resolvedSetting(account, "secretAccessKey", credentials.secretAccessKey);
  const sessionToken = resolvedSetting(account, "sessionToken", credentials.sessionToken);
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new PipelineError(
      "AWS_CREDENTIALS_MISSING",
      `The account "${account.name || account.type}" is set to access keys, but the key or its secret is blank. Fill them in, or choose the default provider chain.`,
    );
  }
  return { kind: "keys", accessKeyId, secretAccessKey, ...present({ sessionToken }) };
}
