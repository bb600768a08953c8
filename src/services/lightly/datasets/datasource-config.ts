import { PipelineError } from "../../../errors/pipeline-error.ts";
import {
  isLightlyExternalId,
  isLightlyRoleArn,
  LIGHTLY_REGIONS,
  lightlyKmsKey,
  MIN_EXTERNAL_ID_LENGTH,
} from "../../../fields/rules/lightly.ts";
import { partsOfS3Uri } from "../../../fields/rules/s3.ts";
import type { LightlyClient } from "../client/lightly-client.ts";
import { apiPath } from "../client/send-request.ts";
import { closest } from "../validation/closest.ts";

/** Where the videos are (`INPUT`), or where Lightly writes frames, thumbnails and reports (`LIGHTLY`). */
export interface Datasource {
  readonly purpose: "INPUT" | "LIGHTLY";
  /** `s3://bucket` or `s3://bucket/prefix`. */
  readonly uri: string;
  readonly region: string;
  readonly access:
    | { readonly kind: "role"; readonly roleArn: string; readonly externalId: string }
    | { readonly kind: "keys"; readonly accessKeyId: string; readonly secretAccessKey: string };
  /** The KMS key with which Lightly encrypts what it writes there. */
  readonly kmsKeyArn?: string;
}

/** Where Lightly's own client puts thumbnails, relative to the LIGHTLY datasource. */
const THUMBNAILS = ".lightly/thumbnails/[filename]_thumb.[extension]";

/** A datasource in the format of the API. */
export type DatasourceConfig = Readonly<Record<string, string>>;

/**
 * Checks datasources, and converts them to the format of the API.
 *
 * @throws PipelineError `LIGHTLY_DATASOURCE_INVALID` naming the purpose and the setting
 */
export function datasourceConfigs(datasources: readonly Datasource[]): DatasourceConfig[] {
  const purposes = datasources.map(({ purpose }) => purpose);
  if (new Set(purposes).size !== purposes.length) {
    throw invalidError(purposes[0] ?? "INPUT", "is configured twice", "Configure each purpose once.");
  }
  return datasources.map(datasourceConfig);
}

/** Sets the datasources of a dataset, with one request each. A datasource with the same purpose is replaced. */
export async function setDatasources(options: {
  client: LightlyClient;
  datasetId: string;
  configs: readonly DatasourceConfig[];
  signal: AbortSignal;
}): Promise<void> {
  for (const body of options.configs) {
    await options.client.request({
      method: "PUT",
      path: apiPath`/v1/datasets/${options.datasetId}/datasource`,
      body,
      signal: options.signal,
    });
  }
}

function datasourceConfig({ purpose, uri, region, access, kmsKeyArn }: Datasource): DatasourceConfig {
  const location = {
    thumbSuffix: THUMBNAILS,
    fullPath: datasourcePath(purpose, uri),
    s3Region: checkRegion(purpose, region),
    ...(kmsKeyArn !== undefined && { s3ServerSideEncryptionKMSKey: checkKmsKey(purpose, kmsKeyArn) }),
  };
  if (access.kind === "keys") {
    const { accessKeyId, secretAccessKey } = access;
    if (accessKeyId === "" || secretAccessKey === "") {
      throw invalidError(
        purpose,
        "has no access key or no secret access key",
        "Enter both, or give Lightly a role instead.",
      );
    }
    return { purpose, type: "S3", ...location, s3AccessKeyId: accessKeyId, s3SecretAccessKey: secretAccessKey };
  }
  const { roleArn, externalId } = access;
  if (!isLightlyRoleArn(roleArn)) {
    throw invalidError(
      purpose,
      `has the role ${JSON.stringify(roleArn)}`,
      "It must be an ARN such as arn:aws:iam::123456789012:role/name.",
    );
  }
  // The external id is a shared secret: the message must not contain it.
  if (!isLightlyExternalId(externalId)) {
    throw invalidError(
      purpose,
      `has an external id of ${externalId.length} characters that Lightly does not accept`,
      `It needs at least ${MIN_EXTERNAL_ID_LENGTH} characters: letters, digits and _+=,.@:/-.`,
    );
  }
  return { purpose, type: "S3DelegatedAccess", ...location, s3ExternalId: externalId, s3ARN: roleArn };
}

/**
 * Returns a datasource's URI as `s3://bucket/prefix/`: Lightly appends file names to it without a separator.
 *
 * @throws PipelineError `LIGHTLY_DATASOURCE_INVALID`
 */
export function datasourcePath(purpose: string, uri: string): string {
  const location = partsOfS3Uri(uri.trim());
  if (location === undefined) {
    throw invalidError(purpose, `has the URI ${JSON.stringify(uri)}`, "It must look like s3://bucket/prefix.");
  }
  const { bucket, prefix } = location;
  const inner = prefix.replace(/^\/+|(?<!\/)\/+$/g, "");
  return inner === "" ? `s3://${bucket}/` : `s3://${bucket}/${inner}/`;
}

function checkKmsKey(purpose: string, arn: string): string {
  if (lightlyKmsKey(arn) !== undefined) {
    throw invalidError(
      purpose,
      `has the KMS key ${JSON.stringify(arn)}`,
      "Enter the ARN of the key, such as arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab.",
    );
  }
  return arn;
}

function checkRegion(purpose: string, region: string): string {
  if (!LIGHTLY_REGIONS.includes(region)) {
    const guess = closest(region, LIGHTLY_REGIONS);
    throw invalidError(
      purpose,
      `has the region ${JSON.stringify(region)}, which Lightly does not support`,
      guess === undefined ? `It supports ${LIGHTLY_REGIONS.join(", ")}.` : `Did you mean ${guess}?`,
    );
  }
  return region;
}

function invalidError(purpose: string, problem: string, advice: string): PipelineError {
  return new PipelineError("LIGHTLY_DATASOURCE_INVALID", `The ${purpose} datasource ${problem}. ${advice}`, {
    details: { purpose },
  });
}
