import type { S3ClientConfig } from "@aws-sdk/client-s3";
import { endpointOf, ofEnvironment } from "../configuration/endpoints.ts";
import { readSharedProfile, type SharedProfile } from "../configuration/shared-files.ts";
import { originOf } from "./environment-chain.ts";
import { limitedCredentials } from "./limited-credentials.ts";
import { sourceFault } from "./source-fault.ts";
import { type StsAccess, stsHost, stsRoles } from "./sts-roles.ts";

/** A provider of credentials, as every SDK client takes it. */
type CredentialProvider = Extract<NonNullable<S3ClientConfig["credentials"]>, (...args: never) => unknown>;

/** The source of the credentials, and a role that is assumed with them. */
export interface AwsCredentialSettings {
  readonly source: { readonly kind: "chain" } | { readonly kind: "profile"; readonly profile: string } | AccessKeys;
  readonly role?: { readonly arn: string; readonly externalId?: string };
}

/** Keys from the form of the account. */
export interface AccessKeys {
  readonly kind: "keys";
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * Creates the provider for these settings. It refreshes expired credentials, so a step that takes hours never uses an old copy, and it
 * fails after a minute instead of hanging (`limitedCredentials`). Its errors name the source that failed: the profile, its process, STS.
 *
 * @param limitMs - limit for obtaining the credentials in milliseconds; default a minute
 */
export function credentialProvider(
  { source, role }: AwsCredentialSettings,
  sts: StsAccess,
  limitMs?: number,
): CredentialProvider {
  if (source.kind === "keys" && !role) {
    return async () => identity(source);
  }
  const createBase = (): CredentialProvider =>
    source.kind === "keys" ? async () => identity(source) : fromConfiguration(source, sts);
  const processOf = `profile ${source.kind === "profile" ? source.profile : process.env.AWS_PROFILE || "default"}`;
  if (!role) {
    const name =
      source.kind === "profile"
        ? `Profile ${source.profile}`
        : "The default provider chain (environment, profile, metadata service)";
    return limitedCredentials({ createProvider: createBase, source: name, processOf, limitMs });
  }
  const params = { RoleArn: role.arn, RoleSessionName: "node-red-lightly-aws", ExternalId: role.externalId };
  return limitedCredentials({
    createProvider: () => {
      const base = createBase();
      return () => stsRoles(sts).assumeRole(base, params);
    },
    source: `STS at ${stsHost(sts)}, from which role ${role.arn} was requested,`,
    processOf,
    limitMs,
  });
}

/** Returns the credentials of a profile, or of the first configured source of the default provider chain. Reads the files each time. */
function fromConfiguration(
  source: Exclude<AwsCredentialSettings["source"], AccessKeys>,
  sts: StsAccess,
): CredentialProvider {
  let ofInstance: CredentialProvider | undefined;
  return async (...args) => {
    const sdk = await import("../../../sdk/credentials.ts");
    const profile = await readSharedProfile(source.kind === "profile" ? source.profile : undefined);
    const origin = source.kind === "profile" ? "profile" : originOf(profile);
    const { assumeRole, assumeRoleWithWebIdentity } = stsRoles(sts);
    const roles = { roleAssumer: assumeRole, roleAssumerWithWebIdentity: assumeRoleWithWebIdentity };
    const create = (): CredentialProvider => {
      switch (origin) {
        case "environment":
          return sdk.fromEnv();
        case "profile":
          return sdk.fromIni({
            profile: profile.name,
            ignoreCache: true,
            clientConfig: singleSignOn(profile, sts),
            ...roles,
          });
        case "web identity":
          return sdk.fromTokenFile(roles);
        case "container":
          return sdk.fromHttp();
        case "instance":
          refuseDisabledMetadata();
          // One instance, because it continues with the last credentials while the metadata service is down.
          ofInstance ??= sdk.fromInstanceMetadata();
          return ofInstance;
      }
    };
    try {
      return await create()(...args);
    } catch (error) {
      throw sourceFault(error, { origin, profile });
    }
  };
}

/** The settings for the clients of single sign-on, which the SDK creates itself. */
function singleSignOn(profile: SharedProfile, { requestHandler }: StsAccess) {
  if (ofEnvironment("SSO") !== undefined || ofEnvironment("SSO_OIDC") !== undefined) {
    return { requestHandler };
  }
  const endpoint = endpointOf("sso", {}, profile)?.url;
  return { requestHandler, ignoreConfiguredEndpointUrls: true, ...(endpoint !== undefined && { endpoint }) };
}

/** The SDK reads this variable only in its own chain. */
function refuseDisabledMetadata(): void {
  const { AWS_EC2_METADATA_DISABLED: disabled } = process.env;
  if (disabled && disabled !== "false") {
    throw new Error("AWS_EC2_METADATA_DISABLED");
  }
}

function identity({ accessKeyId, secretAccessKey, sessionToken }: AccessKeys) {
  return { accessKeyId, secretAccessKey, sessionToken };
}
