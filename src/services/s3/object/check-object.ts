import { HeadObjectCommand, type HeadObjectCommandOutput, type S3Client } from "@aws-sdk/client-s3";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { readAwsError } from "../../aws/errors/aws-error-facts.ts";
import { mapS3Error } from "../map-s3-error.ts";
import { isClaimed } from "../upload/upload-marker.ts";

/** The object to look at. */
export interface ObjectPlace {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly key: string;
  readonly signal: AbortSignal;
}

/**
 * Fails early when the key is taken: before a long upload rather than at its end. What S3 does not tell here (no permission,
 * wrong region) its answer to the upload will tell, with the reason, which a HEAD request never carries.
 *
 * @throws PipelineError `S3_OBJECT_EXISTS`, `AWS_*`, `ABORTED`
 */
export async function refuseExisting(place: ObjectPlace): Promise<void> {
  const { bucket, key } = place;
  const found = await lookUp(place);
  if (found !== undefined) {
    throw new PipelineError(
      "S3_OBJECT_EXISTS",
      `s3://${bucket}/${key} is already there (${found.ContentLength} bytes). Choose another key, or allow overwriting.`,
      { details: { bucket, key } },
    );
  }
}

/**
 * Looks for the object that an upload of this claim has finished, in whatever process it was.
 *
 * @returns the object; `undefined` when there is none, there is another one, or S3 does not let us look
 * @throws PipelineError `AWS_*`, `ABORTED`
 */
export async function findClaimed(
  place: ObjectPlace,
  claim: string | undefined,
): Promise<HeadObjectCommandOutput | undefined> {
  const found = claim === undefined ? undefined : await lookUp(place);
  return isClaimed(found, claim) ? found : undefined;
}

/**
 * Looks at an object.
 *
 * @returns `undefined` when there is none, or S3 does not let us look
 * @throws PipelineError `AWS_*`, `ABORTED`
 */
export async function lookUp(place: ObjectPlace): Promise<HeadObjectCommandOutput | undefined> {
  try {
    return await head(place);
  } catch (error) {
    const { httpStatus } = readAwsError(error);
    if (httpStatus !== undefined && httpStatus < 500 && httpStatus !== 429) {
      return undefined;
    }
    throw mapS3Error(error, { bucket: place.bucket, key: place.key, action: "s3:GetObject" });
  }
}

/** What was uploaded. */
export interface StoredObject {
  readonly bytes: number;
  /** Without quotes. */
  readonly etag: string;
  readonly versionId?: string;
}

/**
 * Looks whether S3 now holds what was uploaded. That it can't be looked at (no permission, no answer) is no failure: S3 has
 * confirmed the upload and its checksums.
 *
 * @throws PipelineError `S3_CHECKSUM_MISMATCH`, `S3_UPLOAD_FAILED`, `ABORTED`
 */
export async function verifyStored(place: ObjectPlace, { bytes, etag, versionId }: StoredObject): Promise<void> {
  const { bucket, key, signal } = place;
  let found: HeadObjectCommandOutput;
  try {
    found = await head(place, versionId);
  } catch (error) {
    if (signal.aborted) {
      throw mapS3Error(error, { bucket, key, action: "s3:GetObject" });
    }
    if (readAwsError(error).httpStatus === 404) {
      throw new PipelineError(
        "S3_UPLOAD_FAILED",
        `s3://${bucket}/${key} was stored, but is gone: somebody removed it.`,
      );
    }
    return;
  }
  if (found.ContentLength !== bytes || unquoted(found.ETag) !== etag) {
    throw new PipelineError(
      "S3_CHECKSUM_MISMATCH",
      `s3://${bucket}/${key} is not what was uploaded: ${found.ContentLength === undefined ? "the store does not say how long it is" : `it has ${found.ContentLength} of ${bytes} bytes`}, or another writer replaced it. Check the endpoint.`,
      { retryable: true, details: { bucket, key, sentBytes: bytes, storedBytes: found.ContentLength } },
    );
  }
}

/**
 * Finds out whether an upload whose confirmation was lost has succeeded all the same. The SDK sends such a request again, and S3
 * refuses the second one because of the first: as "exists" (412), or because the multipart upload is finished (404). The first one
 * may also have been sent by a process that has ended since; then the claim tells.
 *
 * @param sent - the CRC32 that S3 must show, or the claim
 * @returns the object, if it is ours
 */
export async function findStored(
  place: ObjectPlace,
  error: unknown,
  { checksum, claim }: { readonly checksum: string | undefined; readonly claim: string | undefined },
): Promise<HeadObjectCommandOutput | undefined> {
  const { name, httpStatus } = readAwsError(error);
  const wasRefused = httpStatus === 412 || name === "NoSuchUpload";
  const mayBeRepeated = checksum !== undefined && attemptsOf(error) >= 2;
  if (!wasRefused || (!mayBeRepeated && claim === undefined)) {
    return undefined;
  }
  const found = await head(place).catch(() => undefined);
  return isClaimed(found, claim) || (mayBeRepeated && found?.ChecksumCRC32 === checksum) ? found : undefined;
}

/** An ETag as people compare it. */
export function unquoted(etag: string | undefined): string {
  return (etag ?? "").replace(/^"|"$/g, "");
}

function head({ s3, bucket, key, signal }: ObjectPlace, versionId?: string): Promise<HeadObjectCommandOutput> {
  const input = { Bucket: bucket, Key: key, VersionId: versionId };
  return s3.send(new HeadObjectCommand({ ...input, ChecksumMode: "ENABLED" }), { abortSignal: signal });
}

function attemptsOf(error: unknown): number {
  const metadata = error instanceof Error && "$metadata" in error ? error.$metadata : undefined;
  const attempts =
    typeof metadata === "object" && metadata !== null && "attempts" in metadata ? metadata.attempts : undefined;
  return typeof attempts === "number" ? attempts : 1;
}
