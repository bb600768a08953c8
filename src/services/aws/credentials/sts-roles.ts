import type { S3ClientConfig } from "@aws-sdk/client-s3";
import type { FromTemporaryCredentialsOptions, fromWebToken as FromWebToken } from "@aws-sdk/credential-providers";
import { mapStsError } from "./map-sts-error.ts";

/** How STS is reached: with the same region, proxy and profile as the other services. */
export interface StsAccess {
  readonly region: string;
  /** Undefined for the address of AWS in the region. */
  readonly endpoint: string | undefined;
  readonly profile: string | undefined;
  readonly requestHandler: NonNullable<S3ClientConfig["requestHandler"]>;
}

type MasterCredentials = NonNullable<FromTemporaryCredentialsOptions["masterCredentials"]>;
type RoleParameters = FromTemporaryCredentialsOptions["params"];
type WebIdentityAssumer = NonNullable<Parameters<typeof FromWebToken>[0]["roleAssumerWithWebIdentity"]>;

/** The host of STS, as messages name it. */
export function stsHost({ region, endpoint }: Pick<StsAccess, "region" | "endpoint">): string {
  return new URL(stsAddress({ region, endpoint })).host;
}

/** The address of STS: the one that is set, else that of the region. */
export function stsAddress({ region, endpoint }: Pick<StsAccess, "region" | "endpoint">): string {
  const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return endpoint ?? `https://sts.${region}.${suffix}`;
}

/**
 * Assumes roles: the one of the account, and those of profiles. The SDK's own requests for the roles of profiles would go to the address
 * that `AWS_PROFILE` or the profile `default` names, whichever profile is chosen, and their errors do not say that they are from STS.
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
    /** @throws PipelineError named after STS, its host and the role */
    async assumeRole(masterCredentials: MasterCredentials, params: RoleParameters) {
      const { fromTemporaryCredentials } = await import("@aws-sdk/credential-providers");
      const assume = fromTemporaryCredentials({ params, masterCredentials, clientConfig });
      return await named("sts:AssumeRole", params.RoleArn, access, assume);
    },

    /** @throws PipelineError named after STS, its host and the role */
    assumeRoleWithWebIdentity: (async (params) => {
      const { fromWebToken } = await import("@aws-sdk/credential-providers");
      const {
        RoleArn: roleArn = "",
        RoleSessionName: roleSessionName,
        WebIdentityToken: webIdentityToken = "",
      } = params;
      const assume = fromWebToken({ roleArn, roleSessionName, webIdentityToken, clientConfig });
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
