import type { S3ClientConfig } from "@aws-sdk/client-s3";
import { CREDENTIAL_REQUEST_LIMITS } from "../clients/request-limits.ts";
import { limitedCredentials } from "./limited-credentials.ts";

/** A provider of credentials, as every SDK client takes it. */
type CredentialProvider = NonNullable<S3ClientConfig["credentials"]>;

/** Who asks. A role may be assumed on top of any source. */
export interface AwsCredentialSettings {
  readonly source: { readonly kind: "chain" } | { readonly kind: "profile"; readonly profile: string } | AccessKeys;
  readonly role?: { readonly arn: string; readonly externalId?: string };
}

/** Keys as the account's form holds them. */
export interface AccessKeys {
  readonly kind: "keys";
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Where a role is asked for: the account's own region and endpoint. */
export interface AwsEndpoint {
  readonly region?: string;
  readonly endpoint?: string;
}

/** For the clients that the SDK's providers make for themselves, each of which has no limits otherwise. */
const INNER_CLIENTS = { requestHandler: CREDENTIAL_REQUEST_LIMITS };

/**
 * The provider for these settings. It refreshes by itself, so a step that takes hours never holds a copied key, and it fails within a
 * minute rather than hang (`limitedCredentials`).
 *
 * @param limitMs - how long the credentials may take, in milliseconds; default a minute
 */
export async function credentialProvider(
  { source, role }: AwsCredentialSettings,
  place: AwsEndpoint,
  limitMs?: number,
): Promise<CredentialProvider> {
  if (source.kind === "keys" && !role) {
    return async () => identity(source);
  }
  const { fromIni, fromNodeProviderChain, fromTemporaryCredentials } = await import("@aws-sdk/credential-providers");
  const makeBase = () => {
    switch (source.kind) {
      case "keys":
        return async () => identity(source);
      case "profile":
        // Whoever renews the session writes the file again; the SDK would remember what it has read first.
        return fromIni({ profile: source.profile, ignoreCache: true, clientConfig: INNER_CLIENTS });
      case "chain":
        return fromNodeProviderChain({ clientConfig: INNER_CLIENTS });
    }
  };
  const processOf = `profile ${source.kind === "profile" ? source.profile : process.env.AWS_PROFILE || "default"}`;
  const limit = limitMs === undefined ? {} : { limitMs };
  if (!role) {
    const name = source.kind === "profile" ? processOf : "the SDK's own chain (environment, profile, metadata service)";
    const limited = limitedCredentials({ make: makeBase, source: name, processOf, ...limit });
    // The chain keeps what it has found, and renews it behind its callers' backs.
    return source.kind === "chain" ? Object.assign(limited, { memoized: true }) : limited;
  }
  const make = () =>
    fromTemporaryCredentials({
      params: {
        RoleArn: role.arn,
        RoleSessionName: "node-red-lightly-aws",
        ExternalId: role.externalId,
      },
      masterCredentials: makeBase(),
      clientConfig: { ...place, ...INNER_CLIENTS },
    });
  return limitedCredentials({ make, source: `${nameSts(place)}, asked for role ${role.arn},`, processOf, ...limit });
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
