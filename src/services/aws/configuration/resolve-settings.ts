import { PipelineError } from "../../../errors/pipeline-error.ts";
import type { CaFile } from "../../http/connections/trusted-certificates.ts";
import { type AwsService, type EndpointFields, endpointOf, isLocal, type ServiceEndpoint } from "./endpoints.ts";
import { describeSections, type SharedProfile } from "./shared-files.ts";

/** The settings in the form of an account. */
export interface SettingsOfForm extends EndpointFields {
  readonly region?: string | undefined;
  /** The region if form, environment, profile and machine have none. */
  readonly defaultRegion?: string | undefined;
  /** The URL of a proxy, or `none`; default: the environment variables. */
  readonly proxy?: string | undefined;
  /** The path of a CA file, whose certificates are trusted in addition to those of Node.js. */
  readonly caFile?: string | undefined;
  /** `https://host/bucket/key` instead of `https://bucket.host/key`; always used for `localhost` and IP addresses. */
  readonly forcePathStyle?: boolean | undefined;
  /** Default: `AWS_REQUEST_CHECKSUM_CALCULATION`, the profile, else `WHEN_SUPPORTED`, which some S3-compatible stores refuse. */
  readonly requestChecksums?: ChecksumChoice | undefined;
}

type ChecksumChoice = "WHEN_SUPPORTED" | "WHEN_REQUIRED";

/** The settings for the clients of an account. */
export interface ResolvedSettings {
  readonly region: string;
  readonly endpoints: Readonly<Record<AwsService, string | undefined>>;
  readonly caFile: CaFile | undefined;
  /** Options of the S3 client only. */
  readonly s3: {
    readonly forcePathStyle: boolean;
    readonly requestChecksumCalculation?: ChecksumChoice;
    readonly responseChecksumValidation?: ChecksumChoice;
    readonly useAccelerateEndpoint?: true;
    readonly useDualstackEndpoint?: true;
  };
}

/**
 * Completes the settings of an account from the environment and the profile. The form has precedence over the environment, and the
 * environment over the profile; `docs/accounts.md` lists all settings. The SDK itself reads the others, such as FIPS endpoints, from the
 * profile with which its clients are created.
 *
 * @throws PipelineError `AWS_REGION_MISSING`, `INPUT_INVALID` for an endpoint
 */
export async function resolveSettings(form: SettingsOfForm, profile: SharedProfile): Promise<ResolvedSettings> {
  const { requestChecksums } = form;
  const find = (service: AwsService): ServiceEndpoint | undefined => endpointOf(service, form, profile);
  const s3 = find("s3");
  const isOn = (name: string): boolean => s3 === undefined && profile.settings[name]?.toLowerCase() === "true";
  return {
    region: await findRegion(form, profile),
    endpoints: {
      s3: s3?.url,
      ec2: find("ec2")?.url,
      ssm: find("ssm")?.url,
      batch: find("batch")?.url,
      cloudwatch_logs: find("cloudwatch_logs")?.url,
      sts: find("sts")?.url,
      iam: find("iam")?.url,
    },
    caFile: findCaFile(form.caFile, profile),
    s3: {
      forcePathStyle: form.forcePathStyle === true || usesPathStyle(s3, profile),
      ...(requestChecksums && {
        requestChecksumCalculation: requestChecksums,
        // A store that does not support checksums of requests does not return valid ones either.
        responseChecksumValidation: requestChecksums,
      }),
      ...(isOn("s3.use_accelerate_endpoint") && { useAccelerateEndpoint: true }),
      ...(isOn("s3.use_dualstack_endpoint") && { useDualstackEndpoint: true }),
    },
  };
}

/**
 * Like the AWS CLI, uses path-style URLs with an endpoint from the environment or a profile, unless the profile has `virtual`. With an
 * endpoint from the form, the form decides.
 */
function usesPathStyle(s3: ServiceEndpoint | undefined, { settings }: SharedProfile): boolean {
  const style = settings["s3.addressing_style"];
  if (s3 === undefined || s3.isOfForm) {
    return style === "path" || (s3 !== undefined && isLocal(s3.url));
  }
  return style !== "virtual" || isLocal(s3.url);
}

function findCaFile(ofForm: string | undefined, { name, settings }: SharedProfile): CaFile | undefined {
  const { AWS_CA_BUNDLE } = process.env;
  const places = [
    [ofForm, 'the field "CA file" of the account'],
    [AWS_CA_BUNDLE, "AWS_CA_BUNDLE"],
    [settings.ca_bundle, `ca_bundle of profile "${name}"`],
  ] as const;
  const [path, setBy] = places.find(([path]) => path) ?? [];
  return path && setBy ? { path, setBy } : undefined;
}

/** The region of the form, the environment or the profile; undefined if none of them has one. */
export function configuredRegion(ofForm: string | undefined, { settings }: SharedProfile): string | undefined {
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  return ofForm || AWS_REGION || AWS_DEFAULT_REGION || settings.region || undefined;
}

async function findRegion({ region, defaultRegion }: SettingsOfForm, profile: SharedProfile): Promise<string> {
  return configuredRegion(region, profile) ?? (await regionOfMachine()) ?? defaultRegion ?? missing(profile);
}

/** Requests the region from the metadata service of an EC2 instance, with the time limit of the SDK: one second. */
async function regionOfMachine(): Promise<string | undefined> {
  const { NODE_REGION_CONFIG_OPTIONS } = await import("../../../sdk/config.ts");
  const { default: ask } = NODE_REGION_CONFIG_OPTIONS;
  try {
    return typeof ask === "function" ? await ask() : ask;
  } catch {
    return undefined;
  }
}

function missing({ name, exists, files }: SharedProfile): never {
  const found = exists
    ? `the profile "${name}" in ${files} has no region`
    : `there is no profile "${name}" in ${files}${describeSections(name)}`;
  throw new PipelineError(
    "AWS_REGION_MISSING",
    `No region is set: the AWS account has none, AWS_REGION and AWS_DEFAULT_REGION are not set, and ${found}. Set the region in the account node.`,
    { details: { profile: name } },
  );
}
