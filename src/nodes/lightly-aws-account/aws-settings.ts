import { PipelineError } from "../../errors/pipeline-error.ts";
import type { AwsClientSettings } from "../../services/aws/clients/aws-clients.ts";
import type { AwsCredentialSettings } from "../../services/aws/credentials/credential-provider.ts";
import { type FilledAccount, resolvedSetting } from "../shared/account-settings.ts";

/** What an AWS account keeps apart from the flow. */
export interface AwsSecrets {
  accessKeyId?: string;
  secretAccessKey?: string;
  sessionToken?: string;
}

/** The fields of an AWS account's form. */
export interface AwsAccountForm {
  readonly region?: string;
  readonly credentialSource?: "chain" | "profile" | "keys";
  readonly profile?: string;
  readonly roleArn?: string;
  readonly externalId?: string;
  readonly endpoint?: string;
  readonly forcePathStyle?: boolean;
}

type AwsAccount = FilledAccount<AwsSecrets>;

/**
 * Reads an AWS account's form.
 *
 * @throws PipelineError `VARIABLE_UNDEFINED` or `AWS_CREDENTIALS_MISSING` when it can't be used
 */
export function awsSettings(account: AwsAccount, def: AwsAccountForm): AwsClientSettings {
  return {
    forcePathStyle: def.forcePathStyle === true,
    credentials: credentialSettings(account, def),
    region: resolvedSetting(account, "region", def.region),
    endpoint: resolvedSetting(account, "endpoint", def.endpoint),
  };
}

function credentialSettings(account: AwsAccount, def: AwsAccountForm): AwsCredentialSettings {
  const source = credentialSource(account, def);
  const arn = resolvedSetting(account, "roleArn", def.roleArn);
  const externalId = resolvedSetting(account, "externalId", def.externalId);
  return arn === undefined ? { source } : { source, role: { arn, externalId } };
}

function credentialSource(account: AwsAccount, def: AwsAccountForm): AwsCredentialSettings["source"] {
  switch (def.credentialSource) {
    case "profile":
      return { kind: "profile", profile: resolvedSetting(account, "profile", def.profile) ?? "default" };
    case "keys":
      return accessKeys(account);
    default:
      return { kind: "chain" };
  }
}

function accessKeys(account: AwsAccount): AwsCredentialSettings["source"] {
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
  return { kind: "keys", accessKeyId, secretAccessKey, sessionToken };
}
