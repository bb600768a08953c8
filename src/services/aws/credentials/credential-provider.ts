import type { S3ClientConfig } from "@aws-sdk/client-s3";
import { CREDENTIAL_REQUEST_LIMITS } from "../clients/request-limits.ts";
import { limitedCredentials } from "./limited-credentials.ts";

/** A provider of credentials, as every SDK client takes it. */
type CredentialProvider = NonNullable<S3ClientConfig["credentials"]>;

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

/** The region and endpoint of STS: those of the account. */
export interface AwsEndpoint {
  readonly region?: string;
  readonly endpoint?: string;
}

/** For the clients that the SDK's providers create themselves, which have no limits otherwise. */
const INNER_CLIENTS = { requestHandler: CREDENTIAL_REQUEST_LIMITS };

/**
 * Creates the provider for these settings. It refreshes expired credentials, so a step that takes hours never uses an old copy, and it
 * fails after a minute instead of hanging (`limitedCredentials`).
 *
 * @param limitMs - limit for obtaining the credentials in milliseconds; default a minute
 */
export async function credentialProvider(
  { source, role }: AwsCredentialSettings,
  endpoint: AwsEndpoint,
  limitMs?: number,
): Promise<CredentialProvider> {
  if (source.kind === "keys" && !role) {
    return async () => identity(source);
  }
  const { fromIni, fromNodeProviderChain, fromTemporaryCredentials } = await import("@aws-sdk/credential-providers");
  const createBase = () => {
    switch (source.kind) {
      case "keys":
        return async () => identity(source);
      case "profile":
        // The file changes when the session is renewed; the SDK would keep using what it read first.
        return fromIni({ profile: source.profile, ignoreCache: true, clientConfig: INNER_CLIENTS });
      case "chain":
        return fromNodeProviderChain({ clientConfig: INNER_CLIENTS });
    }
  };
  const processOf = `profile ${source.kind === "profile" ? source.profile : process.env.AWS_PROFILE || "default"}`;
  if (!role) {
    const name =
      source.kind === "profile" ? processOf : "the default provider chain (environment, profile, metadata service)";
    const limited = limitedCredentials({ createProvider: createBase, source: name, processOf, limitMs });
    // The chain caches and renews its credentials itself.
    return source.kind === "chain" ? Object.assign(limited, { memoized: true }) : limited;
  }
  const createProvider = () =>
    fromTemporaryCredentials({
      params: {
        RoleArn: role.arn,
        RoleSessionName: "node-red-lightly-aws",
        ExternalId: role.externalId,
      },
      masterCredentials: createBase(),
      clientConfig: { ...endpoint, ...INNER_CLIENTS },
    });
  return limitedCredentials({
    createProvider,
    source: `${nameSts(endpoint)}, from which role ${role.arn} was requested,`,
    processOf,
    limitMs,
  });
}

function nameSts({ region, endpoint }: AwsEndpoint): string {
  const { AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL, AWS_REGION } = process.env;
  const address = endpoint ?? (AWS_ENDPOINT_URL_STS || AWS_ENDPOINT_URL);
  const host = address === undefined ? undefined : URL.parse(address)?.host;
  const where = host ?? region ?? AWS_REGION;
  return where === undefined ? "STS" : host ? `STS at ${host}` : `STS in ${where}`;
}

function identity({ accessKeyId, secretAccessKey, sessionToken }: AccessKeys) {
  return { accessKeyId, secretAccessKey, sessionToken };
}
