import { PipelineError } from "../../../errors/pipeline-error.ts";
import {
  isLightlyExternalId,
  isLightlyRoleArn,
  LIGHTLY_REGIONS,
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
}

/** Where Lightly's own client puts thumbnails, relative to the LIGHTLY datasource. */
const THUMBNAILS = ".lightly/thumbnails/[filename]_thumb.[extension]";

/** One datasource as it goes over the wire. */
export type DatasourceConfig = Readonly<Record<string, string>>;

/**
 * Checks datasources and puts them into the form of the API.
 *
 * @throws PipelineError `LIGHTLY_DATASOURCE_INVALID` naming the purpose and the setting
 */
export function datasourceConfigs(datasources: readonly Datasource[]): DatasourceConfig[] {
  const purposes = datasources.map(({ purpose }) => purpose);
  if (new Set(purposes).size !== purposes.length) {
    throw invalid(purposes[0] ?? "INPUT", "is given twice", "Give each purpose once.");
  }
  return datasources.map(datasourceConfig);
}

/** Sets checked datasources on a dataset, one request for each; what was set for the same purpose before is replaced. */
export async function setDatasources(o: {
  client: LightlyClient;
  datasetId: string;
  configs: readonly DatasourceConfig[];
  signal: AbortSignal;
}): Promise<void> {
  for (const body of o.configs) {
    await o.client.request({
      method: "PUT",
      path: apiPath`/v1/datasets/${o.datasetId}/datasource`,
      body,
      signal: o.signal,
    });
  }
}

function datasourceConfig({ purpose, uri, region, access }: Datasource): DatasourceConfig {
  const place = {
    thumbSuffix: THUMBNAILS,
    fullPath: datasourcePath(purpose, uri),
    s3Region: checkedRegion(purpose, region),
  };
  if (access.kind === "keys") {
    const { accessKeyId, secretAccessKey } = access;
    if (accessKeyId === "" || secretAccessKey === "") {
      throw invalid(purpose, "has no access key or no secret", "Enter both, or give Lightly a role instead.");
    }
    return { purpose, type: "S3", ...place, s3AccessKeyId: accessKeyId, s3SecretAccessKey: secretAccessKey };
  }
  const { roleArn, externalId } = access;
  if (!isLightlyRoleArn(roleArn)) {
    throw invalid(
      purpose,
      `has ${JSON.stringify(roleArn)} as its role`,
      "Give the role's ARN in the form arn:aws:iam::123456789012:role/name.",
    );
  }
  // The id is a shared secret of sorts: it is not repeated.
  if (!isLightlyExternalId(externalId)) {
    throw invalid(
      purpose,
      `has an external id of ${externalId.length} characters that Lightly does not take`,
      `It needs at least ${MIN_EXTERNAL_ID_LENGTH} characters out of letters, digits and _+=,.@:/-.`,
    );
  }
  return { purpose, type: "S3DelegatedAccess", ...place, s3ExternalId: externalId, s3ARN: roleArn };
}

/**
 * A datasource's place as `s3://bucket/prefix/`: Lightly appends file names to it as it is.
 *
 * @throws PipelineError `LIGHTLY_DATASOURCE_INVALID`
 */
export function datasourcePath(purpose: string, uri: string): string {
  const place = partsOfS3Uri(uri.trim());
  if (place === undefined) {
    throw invalid(purpose, `has ${JSON.stringify(uri)} as its place`, "Give it as s3://bucket/prefix.");
  }
  const { bucket, prefix } = place;
  const inner = prefix.replace(/^\/+|(?<!\/)\/+$/g, "");
  return inner === "" ? `s3://${bucket}/` : `s3://${bucket}/${inner}/`;
}

function checkedRegion(purpose: string, region: string): string {
  if (!LIGHTLY_REGIONS.includes(region)) {
    const guess = closest(region, LIGHTLY_REGIONS);
    throw invalid(
      purpose,
      `has the region ${JSON.stringify(region)}, which Lightly does not take`,
      guess === undefined ? `It takes ${LIGHTLY_REGIONS.join(", ")}.` : `Did you mean ${guess}?`,
    );
  }
  return region;
}

function invalid(purpose: string, problem: string, advice: string): PipelineError {
  return new PipelineError("LIGHTLY_DATASOURCE_INVALID", `The ${purpose} datasource ${problem}. ${advice}`, {
    details: { purpose },
  });
}
