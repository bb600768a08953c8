import { isIP } from "node:net";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { webAddress } from "../../../fields/rules/web-address.ts";
import type { SharedProfile } from "./shared-files.ts";

/** The services that an account uses. STS issues the credentials of roles, IAM simulates policies. */
export type AwsService = "s3" | "ec2" | "ssm" | "batch" | "cloudwatch_logs" | "sts" | "iam";

/** The endpoints in the form of an account. */
export interface EndpointFields {
  /** For all services, such as a local emulator. */
  readonly endpoint?: string | undefined;
  /** For S3 only, such as an S3-compatible store or a VPC endpoint. */
  readonly s3Endpoint?: string | undefined;
}

/** The endpoint of a service, and whether it comes from the form. */
export interface ServiceEndpoint {
  readonly url: string;
  readonly isOfForm: boolean;
}

/**
 * Returns the endpoint of a service. The SDK itself reads it from the profile of `AWS_PROFILE` or `default`, even if another profile is
 * chosen.
 *
 * The form has precedence over the environment, and the environment over the profile, as in the AWS CLI. `AWS_ENDPOINT_URL_STS` also has
 * precedence over the form's common endpoint, because an endpoint without STS can't issue roles.
 *
 * @returns undefined for the endpoint of AWS
 * @throws PipelineError `INPUT_INVALID` for an address of the environment or the profile that is not valid
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
  const found = isIgnored ? undefined : (namedInEnvironment(service) ?? ofProfile(service, profile));
  return found === undefined ? undefined : { url: checkAddress(found), isOfForm: false };
}

/** Whether an endpoint needs path-style URLs: `bucket.localhost` and `bucket.127.0.0.1` do not resolve everywhere. */
export function isLocal(address: string): boolean {
  const host = URL.parse(address)?.hostname ?? "";
  return host === "localhost" || isIP(host.replace(/^\[|\]$/g, "")) !== 0;
}

/** Returns the endpoint of a service in the environment. */
export function ofEnvironment(service: string): string | undefined {
  return namedInEnvironment(service)?.address;
}

/** An address, and where it is set, as part of a sentence. */
interface SetAddress {
  readonly address: string;
  readonly setBy: string;
}

function namedInEnvironment(service: string): SetAddress | undefined {
  const setBy = [`AWS_ENDPOINT_URL_${service.toUpperCase()}`, "AWS_ENDPOINT_URL"].find((name) => process.env[name]);
  return setBy === undefined ? undefined : { address: process.env[setBy] ?? "", setBy };
}

function ofProfile(service: string, { name, settings, section, files }: SharedProfile): SetAddress | undefined {
  const services = settings.services === undefined ? undefined : section(`services.${settings.services}`);
  if (settings.services !== undefined && services === undefined) {
    throw new PipelineError(
      "INPUT_INVALID",
      `The profile "${name}" refers to the section [services ${settings.services}], which is not in ${files}. Add it, or correct the setting services.`,
    );
  }
  const address = services?.[`${service}.endpoint_url`] || settings.endpoint_url;
  return address ? { address, setBy: `endpoint_url of profile "${name}"` } : undefined;
}

/** The SDK refuses other addresses with messages about the region. */
function checkAddress({ address, setBy }: SetAddress): string {
  if (webAddress(address) !== undefined) {
    throw new PipelineError(
      "INPUT_INVALID",
      `The endpoint in ${setBy} is not a valid address. Use one that begins with http:// or https://, such as https://store.example.com.`,
    );
  }
  return address;
}

function ignoresConfigured({ settings }: SharedProfile): boolean {
  const value = process.env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS || settings.ignore_configured_endpoint_urls;
  return value?.toLowerCase() === "true";
}
