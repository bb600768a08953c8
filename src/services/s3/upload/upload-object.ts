import type { S3Client, StorageClass } from "@aws-sdk/client-s3";
import { abortedError, PipelineError } from "../../../errors/pipeline-error.ts";
import type { Clock } from "../../../polling/clock.ts";
import { validateBucketName } from "../bucket-name.ts";
import { mapS3Error } from "../map-s3-error.ts";
import { findClaimed, type ObjectPlace, refuseExisting, verifyStored } from "../object/check-object.ts";
import { bestContentType, contentTypeOf } from "../object/content-type.ts";
import { encodeMetadata } from "../object/object-metadata.ts";
import { encodeTags } from "../object/object-tags.ts";
import { validateObjectKey } from "../object-key.ts";
import type { OpenSource } from "../source/open-source.ts";
import { openSource, type UploadSource } from "../source/upload-source.ts";
import { discardUploads } from "./discard-interrupted.ts";
import { discardUpload, leftBehind } from "./discard-upload.ts";
import { partSize } from "./part-size.ts";
import { type ResumeUpload, takeUp } from "./resume-upload.ts";
import type { ObjectAttributes } from "./send-parts.ts";
import { transfer } from "./transfer.ts";
import { CLAIM_NAME, claimOf } from "./upload-marker.ts";
import { type UploadedObject, uploadedObject } from "./uploaded-object.ts";

export type { UploadSource } from "../source/upload-source.ts";
export { discardUploads, type InterruptedUpload } from "./discard-interrupted.ts";
export type { ResumeUpload } from "./resume-upload.ts";
export type { UploadedObject } from "./uploaded-object.ts";

/** What {@link uploadObject} takes. */
export interface UploadRequest {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly source: UploadSource;
  readonly key: string;
  readonly ifExists: "refuse" | "overwrite";
  /** Default: what the source's server says, else what the file name's ending says. */
  readonly contentType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly storageClass?: string;
  readonly encryption?: { readonly algorithm: "AES256" } | { readonly algorithm: "aws:kms"; readonly keyId?: string };
  /** Default 5 MiB, S3's smallest; raised to what 10,000 parts demand. Memory grows with it: about three parts are held. */
  readonly partSizeBytes?: number;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  readonly onProgress?: (progress: { loadedBytes: number; totalBytes?: number }) => void;
  /** A random text, noted before the call. The object carries it, so that a later call recognises what this one has finished. */
  readonly claim?: string;
  /** Told the id of a multipart upload, and waited for, before its first part is sent, so that a later call can go on with it. */
  readonly onUpload?: (uploadId: string) => void | Promise<void>;
  /** This call goes on with an upload of the same claim that an earlier process may have begun, or finished. */
  readonly resume?: ResumeUpload;
  /** Asked after an abort: whether what was begun stays on S3, since a later call with `resume` is to go on with it. */
  readonly isPaused?: () => boolean;
}

/**
 * Uploads a file, a buffer, or what a URL answers (streamed, without touching the disk) to S3. The object appears whole or not at
 * all, and it rejects only after what was begun on S3 has been removed again, unless it is paused.
 *
 * With `resume`, an object that carries the claim is taken as it is, without a look at the source; parts that S3 holds already are
 * not sent again, if they were cut to the same size; an upload that nobody noted is removed.
 *
 * @throws PipelineError `SOURCE_*` (the source), `S3_*` and `AWS_*` (the store), `INPUT_INVALID` (metadata, tags), `ABORTED`
 */
export async function uploadObject(request: UploadRequest): Promise<UploadedObject> {
  const { s3, key, ifExists, signal, clock, onProgress, onUpload, resume } = request;
  const bucket = validateBucketName(request.bucket);
  const place: ObjectPlace = { s3, bucket, key: validateObjectKey(key), signal };
  const attributes = objectAttributes(request);
  const stop = new AbortController();
  let source: OpenSource | undefined;
  try {
    signal.throwIfAborted();
    const finished = resume && (await findClaimed(place, claimOf(attributes)));
    if (finished !== undefined) {
      return uploadedObject(place, finished.ContentLength ?? 0, finished);
    }
    source = await openSource(request.source, AbortSignal.any([signal, stop.signal]), clock);
    if (ifExists === "refuse") {
      await refuseExisting(place);
    }
    const partSizeBytes = partSize(source.totalBytes, request.partSizeBytes);
    const uploaded = await transfer({
      place,
      source,
      stop,
      attributes: { ...attributes, ContentType: contentType(request, source) },
      partSizeBytes,
      begun: resume && (await takeUp({ place, resume, partSizeBytes, ...(clock && { clock }) })),
      onUpload,
      isPaused: () => isPaused(request),
      ...(clock && { clock }),
      ...(onProgress && { onProgress }),
    });
    await verifyStored(place, uploaded);
    return uploaded;
  } catch (error) {
    const failure = signal.aborted
      ? abortedUpload(signal, error)
      : mapS3Error(error, { bucket, key, action: "s3:PutObject" });
    throw await withoutTrace(request, place, failure);
  } finally {
    await source?.close();
  }
}

function objectAttributes(request: UploadRequest): ObjectAttributes {
  const { ifExists, metadata = {}, claim, tags = {}, storageClass, encryption } = request;
  const tagging = encodeTags(tags);
  return {
    ...(ifExists === "refuse" && { IfNoneMatch: "*" }),
    Metadata: encodeMetadata(claim === undefined ? metadata : { ...metadata, [CLAIM_NAME]: claim }),
    Tagging: tagging,
    // Both lists grow with S3, which refuses what it does not know: narrower types here would only age.
    ...(storageClass !== undefined && { StorageClass: storageClass as StorageClass }),
    ...(encryption && { ServerSideEncryption: encryption.algorithm }),
    ...(encryption && "keyId" in encryption && encryption.keyId !== undefined && { SSEKMSKeyId: encryption.keyId }),
  };
}

function contentType(request: UploadRequest, { contentType, name }: OpenSource): string {
  return bestContentType(request.contentType, contentType, contentTypeOf(name), contentTypeOf(request.key));
}

/** An upload that was to be gone on with may have failed before it was looked for. */
async function withoutTrace(
  request: UploadRequest,
  { s3, bucket, key }: ObjectPlace,
  failure: PipelineError,
): Promise<PipelineError> {
  const { resume, clock } = request;
  if (resume === undefined || isPaused(request)) {
    return failure;
  }
  const { uploadId, since } = resume;
  const upload = { s3, bucket, key, ...(clock && { clock }) };
  await discardUploads({ ...upload, since });
  const isTold = uploadId === undefined || failure.details.leftUploadId !== undefined;
  return isTold || (await discardUpload({ ...upload, uploadId })) ? failure : leftBehind(failure, upload, uploadId);
}

function isPaused({ signal, isPaused: asked }: UploadRequest): boolean {
  return signal.aborted && (asked?.() ?? false);
}

/** The abort is what the caller has asked for; that something is left on S3 must not get lost over it. */
function abortedUpload(signal: AbortSignal, error: unknown): PipelineError {
  return error instanceof PipelineError && error.isAbort ? error : abortedError(signal.reason);
}
