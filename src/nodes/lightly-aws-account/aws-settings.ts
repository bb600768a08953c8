import type { AwsClientSettings } from "../../services/aws/clients/aws-clients.ts";
import type { AwsCredentialSettings } from "../../services/aws/credentials/credential-provider.ts";
import { type FilledAccount, readSettings } from "../shared/accounts/account-settings.ts";
import { fields } from "./fields.ts";

/** The credentials of an AWS account. */
export interface AwsSecrets {
  accessKeyId?: string;
  secretAccessKey?: string;
  sessionToken?: string;
  proxy?: string;
}

/** The values of an AWS account's form. */
export type AwsAccountForm = { readonly [K in keyof typeof fields]?: unknown };

type AwsAccount = FilledAccount<AwsSecrets>;

/**
 * Reads an AWS account's form.
 *
 * @throws PipelineError `VARIABLE_UNDEFINED`, `AWS_CREDENTIALS_MISSING` or `INPUT_INVALID` if it can't be used
 */
export function awsSettings(account: AwsAccount, def: AwsAccountForm): AwsClientSettings {
  const { requestChecksums, ...settings } = readSettings(
    account,
    def,
    fields,
    "forcePathStyle",
    "region",
    "endpoint",
    "s3Endpoint",
    "proxy",
    "caFile",
    "requestChecksums",
  );
  return {
    ...settings,
    ...(requestChecksums !== "" && { requestChecksums }),
    credentials: credentialSettings(account, def),
  };
}

function credentialSettings(account: AwsAccount, def: AwsAccountForm): AwsCredentialSettings {
  const source = credentialSource(account, def);
  const { roleArn: arn, externalId } = readSettings(account, def, fields, "roleArn", "externalId");
  return arn === undefined ? { source } : { source, role: { arn, externalId } };
}

function credentialSource(account: AwsAccount, def: AwsAccountForm): AwsCredentialSettings["source"] {
  const { credentialSource: kind } = readSettings(account, def, fields, "credentialSource");
  switch (kind) {
    case "profile": {
      const { profile = "default" } = readSettings(account, def, fields, "profile");
      return { kind, profile };
    }
    case "keys":
      return { kind, ...readSettings(account, def, fields, "accessKeyId", "secretAccessKey", "sessionToken") };
    case "chain":
      return { kind };
  }
}
