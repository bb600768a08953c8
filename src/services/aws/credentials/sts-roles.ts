import type { S3ClientConfig } from "@aws-sdk/client-s3";
import type { FromTemporaryCredentialsOptions, fromWebToken as FromWebToken } from "@aws-sdk/credential-providers";
import { noteHost } from "../clients/note-host.ts";
import type { MiddlewareClient } from "../clients/sdk-middleware.ts";
import { mapStsError } from "./map-sts-error.ts";

/** How STS is reached: with the same region, proxy and profile as the other services. */
export interface StsAccess {
  readonly region: string;
  /** Undefined for the endpoint of AWS in the region. */
  readonly endpoint: string | undefined;
  readonly profile: string | undefined;
  readonly requestHandler: NonNullable<S3ClientConfig["requestHandler"]>;
}

/** For the clients of STS, which the SDK creates itself. */
const clientPlugins = [
  { applyToStack: (middlewareStack: object) => noteHost({ middlewareStack } as MiddlewareClient) },
];

type MasterCredentials = NonNullable<FromTemporaryCredentialsOptions["masterCredentials"]>;
type RoleParameters = FromTemporaryCredentialsOptions["params"];
type WebIdentityAssumer = NonNullable<Parameters<typeof FromWebToken>[0]["roleAssumerWithWebIdentity"]>;

/** The host of STS for messages. */
export function stsHost({ region, endpoint }: Pick<StsAccess, "region" | "endpoint">): string {
  return new URL(stsAddress({ region, endpoint })).host;
}

/** The endpoint of STS; default: that of the region. */
export function stsAddress({ region, endpoint }: Pick<StsAccess, "region" | "endpoint">): string {
  const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return endpoint ?? `https://sts.${region}.${suffix}`;
}

/**
 * Assumes the role of the account and the roles of profiles. For the roles of profiles, the SDK itself uses the endpoint of `AWS_PROFILE`
 * or `default`, even if another profile is chosen, and its errors do not name STS.
 */
export function stsRoles(access: StsAccess) {
  const clientConfig = {
    region: access.region,
    requestHandler: access.requestHandler,
    ignoreConfiguredEndpointUrls: true,
    ...(access.endpoint !== undefined && { endpoint: access.endpoint }),
    ...(access.profile !== undefined && { profile: access.profile }),
  };
  return {
    /** @throws PipelineError that names STS, its host and the role */
    async assumeRole(masterCredentials: MasterCredentials, params: RoleParameters) {
      const { fromTemporaryCredentials } = await import("../../../sdk/credentials.ts");
      const assume = fromTemporaryCredentials({ params, masterCredentials, clientConfig, clientPlugins });
      return await named("sts:AssumeRole", params.RoleArn, access, assume);
    },

    /** @throws PipelineError that names STS, its host and the role */
    assumeRoleWithWebIdentity: (async (params) => {
      const { fromWebToken } = await import("../../../sdk/credentials.ts");
      const {
        RoleArn: roleArn = "",
        RoleSessionName: roleSessionName,
        WebIdentityToken: webIdentityToken = "",
      } = params;
      const assume = fromWebToken({ roleArn, roleSessionName, webIdentityToken, clientConfig, clientPlugins });
      return await named("sts:AssumeRoleWithWebIdentity", roleArn, access, assume);
    }) satisfies WebIdentityAssumer,
  };
}

async function named<T>(
  action: string,
  role: string | undefined,
  access: StsAccess,
  assume: () => Promise<T>,
): Promise<T> {
  try {
    return await assume();
  } catch (error) {
    throw mapStsError(error, { action, resource: `role ${role} at ${stsHost(access)}` });
  }
}
