import { isIP } from "node:net";
import type { SharedProfile } from "./shared-files.ts";

/** The services that an account uses; STS gives out the credentials of roles. */
export type AwsService = "s3" | "ec2" | "ssm" | "sts";

/** The addresses that the form of an account sets. */
export interface EndpointFields {
  /** For all services: local emulators. */
  readonly endpoint?: string | undefined;
  /** For S3 only: S3-compatible stores, endpoints of a VPC. */
  readonly s3Endpoint?: string | undefined;
}

/** The address of a service, and whether the form of the account sets it. */
export interface ServiceEndpoint {
  readonly url: string;
  readonly isOfForm: boolean;
}

/**
 * Finds the address of a service. The SDK itself would read it from the profile of `AWS_PROFILE` or `default` only, not from the chosen
 * one.
 *
 * The form wins over the environment, the environment over the profile, as for the AWS CLI. `AWS_ENDPOINT_URL_STS` also wins over the
 * form's common endpoint: an account whose endpoint has no STS still needs one for a role.
 *
 * @returns undefined for the address of AWS
 */
export function endpointOf(
  service: AwsService | "sso",
  { endpoint, s3Endpoint }: EndpointFields,
  profile: SharedProfile,
): ServiceEndpoint | undefined {
  const ofForm = service === "s3" ? (s3Endpoint ?? endpoint) : endpoint;
  const isIgnored = ignoresConfigured(profile);
  const ofSts = service === "sts" && !isIgnored ? process.env.AWS_ENDPOINT_URL_STS : undefined;
  if (ofForm !== undefined && !ofSts) {
    return { url: ofForm, isOfForm: true };
  }
  const url = isIgnored ? undefined : (ofEnvironment(service) ?? ofProfile(service, profile));
  return url === undefined ? undefined : { url, isOfForm: false };
}

/** Whether the bucket stands in the path: `bucket.localhost` and `bucket.127.0.0.1` do not resolve everywhere. */
export function isLocal(address: string): boolean {
  const host = URL.parse(address)?.hostname ?? "";
  return host === "localhost" || isIP(host.replace(/^\[|\]$/g, "")) !== 0;
}

/** The address that the environment sets for a service. */
export function ofEnvironment(service: string): string | undefined {
  return process.env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] || process.env.AWS_ENDPOINT_URL || undefined;
}

function ofProfile(service: string, { settings, section }: SharedProfile): string | undefined {
  const services = settings.services === undefined ? undefined : section(`services.${settings.services}`);
  return services?.[`${service}.endpoint_url`] || settings.endpoint_url || undefined;
}

function ignoresConfigured({ settings }: SharedProfile): boolean {
  const value = process.env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS || settings.ignore_configured_endpoint_urls;
  return value?.toLowerCase() === "true";
}
