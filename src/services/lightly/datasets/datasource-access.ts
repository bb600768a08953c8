import { PipelineError } from "../../../errors/pipeline-error.ts";
import type { LightlyClient } from "../client/lightly-client.ts";
import { parseDatasourceAccess, parseDatasourceLocations } from "../client/responses.ts";
import { apiPath } from "../client/send-request.ts";
import type { DatasourceLocation } from "./datasource-access-error.ts";

/** A permission that Lightly has checked on the datasources of a dataset. */
export type Permission = "canList" | "canRead" | "canWrite" | "canOverwrite";

/** A permission that Lightly does not have, with its own words about it. */
export interface MissingPermission {
  readonly permission: Permission;
  readonly reason?: string;
}

interface DatasetOptions {
  readonly client: LightlyClient;
  readonly datasetId: string;
  readonly signal: AbortSignal;
}

const PERMISSIONS: readonly Permission[] = ["canList", "canRead", "canWrite", "canOverwrite"];
/** Responses of the API that mean that it can't open the datasources at all. */
const UNUSABLE = new Set([
  "DATASET_DATASOURCE_CREDENTIALS_ERROR",
  "DATASET_DATASOURCE_INVALID",
  "DATASET_DATASOURCE_UNKNOWN",
]);
/** Who waits for the check does not wait for all attempts of a request. */
const ATTEMPTS = 3;
const MAX_REASON = 300;

/**
 * Has Lightly check what it may do with the datasources of a dataset.
 *
 * @returns the permissions that it does not have
 * @throws PipelineError, see {@link LightlyClient}. A response that is not about the datasources says nothing about them.
 */
export async function missingPermissions({ client, datasetId, signal }: DatasetOptions): Promise<MissingPermission[]> {
  const path = apiPath`/v1/datasets/${datasetId}/datasource/verify`;
  try {
    const access = parseDatasourceAccess(await client.request({ method: "GET", path, attempts: ATTEMPTS, signal }));
    return PERMISSIONS.filter((permission) => !access[permission]).map((permission) => {
      const reason = access.errors?.[permission];
      return { permission, ...(reason ? { reason: client.clean(reason).slice(0, MAX_REASON) } : {}) };
    });
  } catch (error) {
    if (error instanceof PipelineError && UNUSABLE.has(String(error.details.apiCode))) {
      return PERMISSIONS.map((permission) => ({ permission, reason: error.message }));
    }
    throw error;
  }
}

/** Words of a refusal. Other words may concern a folder that is still empty. */
const REFUSAL =
  /denied|forbidden|authori[sz]|credential|assume|external|signature|region|bucket|access key|unknown key|invalid|permission/i;
const NOTHING_THERE = /not found|no such key|NoSuchKey|does not exist|empty|no (?:files?|objects?|samples?)\b/i;

/** Whether these may only be missing because the input has no files yet: listing or reading, without words of a refusal. */
export function mayBeEmptyInput(missing: readonly MissingPermission[]): boolean {
  return missing.every(
    ({ permission, reason = "" }) => (permission === "canList" || permission === "canRead") && !REFUSAL.test(reason),
  );
}

/** Whether Lightly says that there are no files, and nothing else: that is no missing permission. */
export function saysNothingThere(missing: readonly MissingPermission[]): boolean {
  return mayBeEmptyInput(missing) && missing.every(({ reason = "" }) => NOTHING_THERE.test(reason));
}

/** Places and roles of the datasources that a dataset has, for an error about them; none if they can't be read. */
export async function locationsOfDataset({ client, datasetId, signal }: DatasetOptions): Promise<DatasourceLocation[]> {
  try {
    const path = apiPath`/v1/datasets/${datasetId}/datasource/all`;
    const locations = parseDatasourceLocations(await client.request({ method: "GET", path, attempts: 1, signal }));
    return locations.map(({ purpose, fullPath, s3ARN }) => ({
      purpose,
      uri: client.clean(fullPath),
      ...(s3ARN ? { roleArn: client.clean(s3ARN) } : {}),
    }));
  } catch {
    return [];
  }
}
