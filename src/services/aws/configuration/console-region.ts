import { type EndpointFields, endpointOf } from "./endpoints.ts";
import { configuredRegion } from "./resolve-settings.ts";
import { readSharedProfile } from "./shared-files.ts";

/** The services whose resources the console shows. */
const SHOWN = ["s3", "ec2", "ssm", "batch"] as const;

/**
 * Returns the region for links to the AWS console, with the precedence that also the requests of the account use.
 *
 * @param form - the account's own settings; `profile` is absent for the default provider chain and for keys
 * @returns undefined if a service has another endpoint, or if no region is configured
 */
export async function consoleRegion({
  region,
  profile,
  ...endpoints
}: EndpointFields & { readonly region?: string | undefined; readonly profile?: string | undefined }): Promise<
  string | undefined
> {
  const shared = await readSharedProfile(profile);
  const isElsewhere = SHOWN.some((service) => endpointOf(service, endpoints, shared) !== undefined);
  return isElsewhere ? undefined : configuredRegion(region, shared);
}
