import type { S3ClientConfig } from "@aws-sdk/client-s3";

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

/**
 * The provider for these settings. It refreshes by itself, so a step that takes hours never holds a copied key.
 *
 * @param place - where the role is asked for: the account's own region and endpoint
 * @returns undefined when the SDK's own default chain is meant
 */
export async function credentialProvider(
  { source, role }: AwsCredentialSettings,
  { region, endpoint }: { readonly region?: string; readonly endpoint?: string },
): Promise<CredentialProvider | undefined> {
  if (source.kind === "chain" && !role) {
    return undefined;
  }
  const { fromIni, fromTemporaryCredentials } = await import("@aws-sdk/credential-providers");
  const base =
    source.kind === "profile"
      ? // Whoever renews the session writes the file anew; the SDK would remember what it has read first.
        fromIni({ profile: source.profile, ignoreCache: true })
      : source.kind === "keys"
        ? async () => identity(source)
        : undefined;
  if (!role) {
    return base;
  }
  return fromTemporaryCredentials({
    params: {
      RoleArn: role.arn,
      RoleSessionName: "node-red-lightly-aws",
      ...(role.externalId === undefined ? {} : { ExternalId: role.externalId }),
    },
    ...(base === undefined ? {} : { masterCredentials: base }),
    clientConfig: { ...(region === undefined ? {} : { region }), ...(endpoint === undefined ? {} : { endpoint }) },
  });
}

function identity({ accessKeyId, secretAccessKey, sessionToken }: AccessKeys) {
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}
