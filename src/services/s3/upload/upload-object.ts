import type { ObjectCannedACL, S3Client, StorageClass } from "@aws-sdk/client-s3";
import { abortedError, PipelineError } from "../../../errors/pipeline-error.ts";
import type { Clock } from "../../../polling/clock.ts";
import { validateBucketName } from "../bucket-name.ts";
import { mapS3Error } from "../errors/map-s3-error.ts";
import { findMarked, type ObjectLocation, refuseExisting, verifyStored } from "../object/check-object.ts";
import { bestContentType, contentTypeOf } from "../object/content-type.ts";
import { encodeMetadata } from "../object/object-metadata.ts";
import { encodeTags } from "../object/object-tags.ts";
import { validateObjectKey } from "../object-key.ts";
import type { OpenSource } from "../source/open-source.ts";
import { openSource, type UploadSource } from "../source/upload-source.ts";
import { discardInterrupted } from "./discard-interrupted.ts";
import { discardUpload, withLeftUpload } from "./discard-upload.ts";
import { partSize } from "./part-size.ts";
import { type InterruptedUpload, resumeUpload } from "./resume-upload.ts";
import type { ObjectAttributes } from "./send-parts.ts";
import { transfer } from "./transfer.ts";
import { MARKER_NAME, markerOf } from "./upload-marker.ts";
import { type UploadedObject, uploadedObject } from "./uploaded-object.ts";

export type { UploadSource } from "../source/upload-source.ts";
export { type DiscardInterruptedOptions, discardInterrupted } from "./discard-interrupted.ts";
export type { InterruptedUpload } from "./resume-upload.ts";
export type { UploadedObject } from "./uploaded-object.ts";

export interface UploadObjectOptions {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly source: UploadSource;
  readonly key: string;
  /** The folder that this key has in common with others of the caller: errors advise to allow access to all of them. */
  readonly folder?: string;
  /** `check`: like `refuse`, by a look before the upload only, for stores without conditional writes. */
  readonly ifExists: "refuse" | "check" | "overwrite";
  /** Default: what the source's server says, else what the file name's ending says. */
  readonly contentType?: string;
  readonly cacheControl?: string;
  readonly contentDisposition?: string;
  /** A canned ACL. */
  readonly acl?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly storageClass?: string;
  readonly encryption?: { readonly algorithm: "AES256" } | { readonly algorithm: "aws:kms"; readonly keyId?: string };
  /** Default 5.25 MiB; raised where the source would need more than 10,000 parts. Four parts are in memory, or three larger ones. */
  readonly partSizeBytes?: number;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  readonly onProgress?: (progress: { loadedBytes: number; totalBytes?: number }) => void;
  /** A random string, saved before the call. It is stored with the object, so that a later call recognizes an object of this one. */
  readonly marker?: string;
  /** Called with the id of a multipart upload, and awaited, before its first part is sent, so that a later call can resume it. */
  readonly onUpload?: (uploadId: string) => void | Promise<void>;
  /** Resumes an upload of the same marker that a previous process may have started, or finished. */
  readonly resume?: InterruptedUpload;
  /** Called after an abort: whether the unfinished upload stays on S3, because a later call with `resume` continues it. */
  readonly isPaused?: () => boolean;
}

/**
 * Uploads a file, a buffer, or the file at a URL (streamed, without using the disk) to S3. The object appears whole or not at all. On
 * a failure, the unfinished upload is removed from S3 before the promise rejects, unless it is paused.
 *
 * With `resume`, an object with the marker is the result, without opening the source; parts that S3 has stored already are not sent
 * again, and determine the size of the others; an upload whose id was not saved is removed.
 *
 * @throws PipelineError `SOURCE_*` (the source), `S3_*` and `AWS_*` (the store), `INPUT_INVALID` (metadata, tags), `ABORTED`
 */
export async function uploadObject(request: UploadObjectOptions): Promise<UploadedObject> {
  const { s3, key, folder, ifExists, signal, clock, onProgress, onUpload, resume } = request;
  const bucket = validateBucketName(request.bucket);
  const location: ObjectLocation = { s3, bucket, key: validateObjectKey(key), signal, folder };
  const attributes = objectAttributes(request);
  const stop = new AbortController();
  let source: OpenSource | undefined;
  try {
    signal.throwIfAborted();
    const finished = resume && (await findMarked(location, markerOf(attributes)));
    if (finished !== undefined) {
      return uploadedObject(location, finished.ContentLength ?? 0, finished);
    }
    source = await openSource(request.source, AbortSignal.any([signal, stop.signal]), clock);
    if (ifExists !== "overwrite") {
      await refuseExisting(location, ifExists === "refuse");
    }
    const { totalBytes } = source;
    const planned = partSize(totalBytes, request.partSizeBytes);
    const parts = { location, partSizeBytes: planned, totalBytes, clock };
    const resumed = resume && (await resumeUpload({ ...parts, interrupted: resume }));
    const uploaded = await transfer({
      location,
      source,
      stop,
      attributes: { ...attributes, ContentType: contentType(request, source) },
      partSizeBytes: resumed?.partSizeBytes ?? planned,
      resumed,
      onUpload,
      isPaused: () => isPaused(request),
      clock,
      onProgress,
    });
    await verifyStored(location, uploaded, markerOf(attributes));
    return uploaded;
  } catch (error) {
    const failure = signal.aborted
      ? abortedUpload(signal, error)
      : mapS3Error(error, { ...location, action: "s3:PutObject" });
    throw await cleanUpInterrupted(request, location, failure);
  } finally {
    await source?.close();
  }
}

function objectAttributes(request: UploadObjectOptions): ObjectAttributes {
  const { ifExists, metadata = {}, marker, tags = {}, storageClass, encryption, acl } = request;
  const tagging = encodeTags(tags);
  return {
    IfNoneMatch: ifExists === "refuse" ? "*" : undefined,
    Metadata: encodeMetadata(marker === undefined ? metadata : { ...metadata, [MARKER_NAME]: marker }),
    Tagging: tagging,
    CacheControl: request.cacheControl,
    ContentDisposition: request.contentDisposition,
    // S3 adds values to these over time, and refuses unknown ones: they are not checked here.
    ACL: acl as ObjectCannedACL | undefined,
    StorageClass: storageClass as StorageClass | undefined,
    ServerSideEncryption: encryption?.algorithm,
    SSEKMSKeyId: encryption && "keyId" in encryption ? encryption.keyId : undefined,
  };
}

function contentType(request: UploadObjectOptions, { contentType, name }: OpenSource): string {
  return bestContentType(request.contentType, contentType, contentTypeOf(name), contentTypeOf(request.key));
}

/** A resumed upload may have failed before the earlier upload was found. */
async function cleanUpInterrupted(
  request: UploadObjectOptions,
  { s3, bucket, key }: ObjectLocation,
  failure: PipelineError,
): Promise<PipelineError> {
  const { resume, clock } = request;
  if (resume === undefined || isPaused(request)) {
    return failure;
  }
  const { uploadId, since } = resume;
  const upload = { s3, bucket, key, clock };
  await discardInterrupted({ ...upload, since });
  const isReported = uploadId === undefined || failure.details.leftUploadId !== undefined;
  return isReported || (await discardUpload({ ...upload, uploadId }))
    ? failure
    : withLeftUpload(failure, upload, uploadId);
}

function isPaused({ signal, isPaused }: UploadObjectOptions): boolean {
  return signal.aborted && (isPaused?.() ?? false);
}

/** The caller knows of the abort, but must learn that an unfinished upload is left on S3. */
function abortedUpload(signal: AbortSignal, error: unknown): PipelineError {
  return error instanceof PipelineError && error.isAbort ? error : abortedError(signal.reason);
}
