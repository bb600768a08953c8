import type { HeadObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { HeadObjectCommand } from "../../../sdk/s3.ts";
import { readAwsError } from "../../aws/errors/aws-error-facts.ts";
import { mapS3Error } from "../errors/map-s3-error.ts";
import { hasChecksums } from "../upload/checksums.ts";
import { hasMarker } from "../upload/upload-marker.ts";

/** An object, and the client and signal for requests about it. */
export interface ObjectLocation {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly key: string;
  readonly signal: AbortSignal;
  /** The folder that the key has in common with others of the step. */
  readonly folder?: string | undefined;
}

/**
 * Fails before a long upload if the key is taken. A refusal of the HEAD request (no permission, wrong region) is ignored if the upload is
 * conditional: the response to the upload gives the reason, which the response to a HEAD request never contains.
 *
 * @param isConditional - whether S3 refuses to overwrite the object by itself
 * @throws PipelineError `S3_OBJECT_EXISTS`, `AWS_*`, `ABORTED`; `S3_*` for a refusal, unless the upload is conditional
 */
export async function refuseExisting(location: ObjectLocation, isConditional: boolean): Promise<void> {
  const { bucket, key } = location;
  const found = await (isConditional ? headObject(location) : requireHead(location));
  if (found !== undefined) {
    throw new PipelineError(
      "S3_OBJECT_EXISTS",
      `s3://${bucket}/${key} exists already (${found.ContentLength} bytes). Choose another key, or allow overwriting.`,
      { details: { bucket, key } },
    );
  }
}

/**
 * Finds the finished object of the upload with this marker, even of one in a previous process.
 *
 * @returns the object; `undefined` if there is none, it has another marker, or the credentials may not read it
 * @throws PipelineError `AWS_*`, `ABORTED`
 */
export async function findMarked(
  location: ObjectLocation,
  marker: string | undefined,
): Promise<HeadObjectCommandOutput | undefined> {
  const found = marker === undefined ? undefined : await headObject(location);
  return hasMarker(found, marker) ? found : undefined;
}

/**
 * Reads the metadata of an object.
 *
 * @returns `undefined` if there is none, or the credentials may not read it
 * @throws PipelineError `AWS_*`, `ABORTED`
 */
export async function headObject(location: ObjectLocation): Promise<HeadObjectCommandOutput | undefined> {
  try {
    return await head(location);
  } catch (error) {
    const { httpStatus } = readAwsError(error);
    if (httpStatus !== undefined && httpStatus < 500 && httpStatus !== 429) {
      return undefined;
    }
    throw mapS3Error(error, { ...location, action: "s3:GetObject" });
  }
}

/** Like {@link headObject}, but fails if S3 refuses to say whether there is an object. */
async function requireHead(location: ObjectLocation): Promise<HeadObjectCommandOutput | undefined> {
  try {
    return await head(location);
  } catch (error) {
    if (readAwsError(error).httpStatus === 404) {
      return undefined;
    }
    throw mapS3Error(error, { ...location, action: "s3:GetObject" });
  }
}

/** The properties of an object that was uploaded. */
export interface StoredObject {
  readonly bytes: number;
  /** Without quotes. */
  readonly etag: string;
  readonly versionId?: string;
}

/**
 * Verifies that S3 has stored what was uploaded. If that can't be checked (no permission, no response), it is no failure: S3 has
 * confirmed the upload and its checksums.
 *
 * @throws PipelineError `S3_CHECKSUM_MISMATCH`, `S3_UPLOAD_FAILED`, `ABORTED`
 */
export async function verifyStored(
  location: ObjectLocation,
  { bytes, etag, versionId }: StoredObject,
  marker: string | undefined,
): Promise<void> {
  const { bucket, key, signal } = location;
  let found: HeadObjectCommandOutput;
  try {
    found = await head(location, versionId);
  } catch (error) {
    if (signal.aborted) {
      throw mapS3Error(error, { ...location, action: "s3:GetObject" });
    }
    if (readAwsError(error).httpStatus === 404) {
      throw new PipelineError(
        "S3_UPLOAD_FAILED",
        `s3://${bucket}/${key} was uploaded, but was deleted by another client since. Check what deletes objects in the bucket.`,
      );
    }
    return;
  }
  // Some stores show another ETag than they have confirmed: then the marker says who wrote the object.
  const isOurs = unquoted(found.ETag) === etag || hasMarker(found, marker);
  if (found.ContentLength !== bytes || !isOurs) {
    throw new PipelineError(
      "S3_CHECKSUM_MISMATCH",
      `s3://${bucket}/${key} differs from the source: ${found.ContentLength === undefined ? "the store does not report its size" : `it has ${found.ContentLength} of ${bytes} bytes`}, or another writer replaced it. Check the endpoint.`,
      { retryable: true, details: { bucket, key, sentBytes: bytes, storedBytes: found.ContentLength } },
    );
  }
}

/**
 * Finds the object of an upload that succeeded although its confirmation was lost. The SDK sends such a request again, and S3 refuses
 * the second one because of the first: the object exists (412), or the multipart upload is finished (404). If a previous process sent
 * the first one, the marker identifies it.
 *
 * @param sent - the expected CRC32, and the marker
 * @returns the object, if it belongs to this upload
 */
export async function findConfirmed(
  location: ObjectLocation,
  error: unknown,
  { checksum, marker }: { readonly checksum: string | undefined; readonly marker: string | undefined },
): Promise<HeadObjectCommandOutput | undefined> {
  const { name, httpStatus } = readAwsError(error);
  const wasRefused = httpStatus === 412 || name === "NoSuchUpload";
  const mayBeRepeated = checksum !== undefined && attemptsOf(error) >= 2;
  if (!wasRefused || (!mayBeRepeated && marker === undefined)) {
    return undefined;
  }
  const found = await head(location).catch(() => undefined);
  return hasMarker(found, marker) || (mayBeRepeated && found?.ChecksumCRC32 === checksum) ? found : undefined;
}

/** An ETag without its quotes. */
export function unquoted(etag: string | undefined): string {
  return (etag ?? "").replace(/^(?:W\/)?"|"$/g, "");
}

async function head({ s3, bucket, key, signal }: ObjectLocation, versionId?: string): Promise<HeadObjectCommandOutput> {
  const input = { Bucket: bucket, Key: key, VersionId: versionId };
  // A store without checksums may refuse to be asked for them.
  const mode = (await hasChecksums(s3)) ? ({ ChecksumMode: "ENABLED" } as const) : {};
  return s3.send(new HeadObjectCommand({ ...input, ...mode }), { abortSignal: signal });
}

function attemptsOf(error: unknown): number {
  const metadata = error instanceof Error && "$metadata" in error ? error.$metadata : undefined;
  const attempts =
    typeof metadata === "object" && metadata !== null && "attempts" in metadata ? metadata.attempts : undefined;
  return typeof attempts === "number" ? attempts : 1;
}
