import { presignUrl } from "../aws/presign-url.ts";
import { ApiFault, invalid, unknown } from "./http/api-fault.ts";
import { signPublicToken } from "./public-token.ts";
import type { Datasource, DatasourceConfig } from "./state/lightly-records.ts";
import type { ListedObject, World } from "./world.ts";

const READ_SECONDS = 7 * 24 * 3600;
const WRITE_SECONDS = 24 * 3600;

export interface ObjectPlace {
  readonly bucket: string;
  readonly key: string;
}

/** The datasource of the raw data (`INPUT`), or of Lightly's own files (`LIGHTLY`). */
export function requireDatasource(world: World, datasetId: string, purpose: "INPUT" | "LIGHTLY"): Datasource {
  const all = world.state.datasources.of(datasetId);
  const found =
    all.find(({ config }) => config.purpose === purpose) ?? all.find(({ config }) => config.purpose === "INPUT_OUTPUT");
  if (found === undefined) {
    throw unknown("DATASET_DATASOURCE_UNKNOWN", `Dataset ${datasetId} has no datasource for ${purpose}.`);
  }
  return found;
}

/** Files below `.lightly/` are Lightly's own, all others are raw data. */
export const datasourceOf = (world: World, datasetId: string, fileName: string): Datasource =>
  requireDatasource(world, datasetId, fileName.startsWith(".lightly/") ? "LIGHTLY" : "INPUT");

const isS3 = ({ type }: DatasourceConfig): boolean => type === "S3" || type === "S3DelegatedAccess";

/** The URI of a datasource's root, ending in a slash; the scheme of S3 is optional in its settings. */
export function rootUri({ config }: Datasource): string {
  const root = config.fullPath.replace(/\/*$/, "/");
  return isS3(config) && !root.startsWith("s3://") ? `s3://${root}` : root;
}

export function placeOf({ config }: Datasource, fileName: string): ObjectPlace {
  if (!isS3(config)) {
    const text = `The sandbox reads S3 only; a datasource of type ${config.type} can be stored but not used.`;
    throw new ApiFault(422, "DATASET_DATASOURCE_ACTION_NOT_IMPLEMENTED", text);
  }
  if (/^\/|(^|\/)\.\.?(\/|$)/.test(fileName)) {
    throw invalid("BAD_REQUEST", "A file name must be relative to the datasource's root, without . and .. parts.");
  }
  const [bucket = "", ...prefix] = config.fullPath.replace(/^s3:\/\//, "").split("/");
  const root = prefix.join("/").replace(/\/*$/, "/").replace(/^\/+/, "");
  return { bucket, key: `${root}${fileName}` };
}

/**
 * Why Lightly can't use a datasource; undefined when it can. Storage other than S3 is out of the sandbox's reach: its
 * settings are believed, like a role's.
 */
export async function accessProblem(world: World, datasource: Datasource): Promise<string | undefined> {
  if (!isS3(datasource.config)) {
    return undefined;
  }
  return await listFiles(world, datasource).then(
    () => undefined,
    (error: Error) => error.message,
  );
}

/** Why a bucket can't be reached: wrong keys or the wrong region. */
function bucketProblem(world: World, { config }: Datasource): string | undefined {
  const { credentials, region } = world.aws;
  const hasWrongKeys =
    config.type === "S3" &&
    (config.s3AccessKeyId !== credentials.accessKeyId || config.s3SecretAccessKey !== credentials.secretAccessKey);
  if (hasWrongKeys) {
    return "The access key is unknown, or the secret does not belong to it.";
  }
  return config.s3Region === region
    ? undefined
    : `The bucket is in ${region}, but the datasource has the region ${config.s3Region}.`;
}

/** Lists a datasource, names relative to its root; 422 when it cannot be reached. */
export async function listFiles(
  world: World,
  datasource: Datasource,
  below = "",
): Promise<Array<ListedObject & { readonly fileName: string }>> {
  const { bucket, key: root } = placeOf(datasource, "");
  const problem = bucketProblem(world, datasource);
  if (problem !== undefined) {
    throw new ApiFault(422, "DATASET_DATASOURCE_CREDENTIALS_ERROR", problem);
  }
  const objects = await world.storage.list(bucket, `${root}${below}`).catch(() => {
    throw new ApiFault(422, "DATASET_DATASOURCE_INVALID", `Bucket ${bucket} does not exist or cannot be listed.`);
  });
  return objects
    .filter((object) => !object.key.endsWith("/"))
    .map((object) => ({ ...object, fileName: object.key.slice(root.length) }));
}

function presign(world: World, place: ObjectPlace, method: "GET" | "PUT", expiresSeconds: number): string {
  const { credentials, region } = world.aws;
  return presignUrl({ credentials, region, endpoint: world.aws.endpoint(), method, ...place, expiresSeconds });
}

export const signedReadUrl = (world: World, place: ObjectPlace, seconds = READ_SECONDS): string =>
  presign(world, place, "GET", Math.min(Math.max(seconds, 1), READ_SECONDS));

export const signedWriteUrl = (world: World, place: ObjectPlace): string => presign(world, place, "PUT", WRITE_SECONDS);

/** A link that never expires, since it redirects to a new signed URL each time. */
export function redirectedUrl(world: World, datasetId: string, fileName: string): string {
  const query = new URLSearchParams({ path: fileName, publicToken: datasetToken(world, datasetId) });
  return `${world.publicUrl()}/v1/datasets/${datasetId}/datasource/readurlRedirect?${query}`;
}

export const datasetToken = (world: World, datasetId: string): string =>
  signPublicToken(world.state.signingKey, { scope: `dataset/${datasetId}` });

/** With delegated access every read URL is a redirected one, as at Lightly. */
export function readUrl(world: World, datasource: Datasource, fileName: string, isRedirected: boolean): string {
  return isRedirected || datasource.config.type === "S3DelegatedAccess"
    ? redirectedUrl(world, datasource.datasetId, fileName)
    : signedReadUrl(world, placeOf(datasource, fileName));
}
