import type { Readable } from "node:stream";
import type { S3Client } from "@aws-sdk/client-s3";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { GetObjectCommand } from "../../../sdk/s3.ts";
import { readAwsError } from "../../aws/errors/aws-error-facts.ts";
import { mapS3Error } from "../errors/map-s3-error.ts";
import { presignObject } from "../object/presign-object.ts";

/** An object to read, and the client for it. */
export interface SourceObject {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly key: string;
  /** Default: the latest version. */
  readonly versionId?: string | undefined;
}

/** The maximum lifetime of a signed URL of S3. */
const MAX_SIGNED_MS = 7 * 24 * 3_600_000;

/**
 * Signs a URL for reading an object. Requests its first byte before: a refusal of the URL would not say why, and only a request of the client
 * follows the bucket to its region.
 *
 * @param options.lifetimeMs - how long the URL is needed
 * @throws PipelineError `SOURCE_NOT_FOUND`, `SOURCE_EMPTY`, `S3_*`, `AWS_*`, `ABORTED`
 */
export async function objectUrl(
  object: SourceObject,
  { lifetimeMs, signal }: { readonly lifetimeMs: number; readonly signal: AbortSignal },
): Promise<string> {
  requireKeyOfUrl(object);
  await requestFirstByte(object, signal);
  return await presignObject({ ...object, expirySeconds: Math.ceil(Math.min(lifetimeMs, MAX_SIGNED_MS) / 1000) });
}

function requireKeyOfUrl(object: SourceObject): void {
  if (object.key.split("/").some((part) => part === "." || part === "..")) {
    const text = `${uriOf(object)} can't be read: a URL can't contain "." or ".." between slashes. Copy the object to another key.`;
    throw new PipelineError("S3_NAME_INVALID", text, { details: { uri: uriOf(object) } });
  }
}

async function requestFirstByte(object: SourceObject, abortSignal: AbortSignal): Promise<void> {
  const { s3, bucket, key, versionId } = object;
  try {
    const request = new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId, Range: "bytes=0-0" });
    const { Body: body, ContentLength: bytes } = await s3.send(request, { abortSignal });
    // A store that ignores the range sends the whole object.
    await (bytes === 1 ? body?.transformToByteArray() : discard(body as Readable));
  } catch (error) {
    throw explain(error, object);
  }
}

function discard(body: Readable): void {
  body.on("error", () => {}).destroy();
}

function explain(error: unknown, object: SourceObject): PipelineError {
  const uri = uriOf(object);
  const { versionId } = object;
  const details = { uri, ...(versionId !== undefined && { versionId }) };
  const name = versionId === undefined ? readAwsError(error).name : versionFault(error);
  if (name === "NoSuchVersion") {
    const text = `The object ${uri} has no version ${versionId}, or its version is a delete marker. Check what has set the version.`;
    return new PipelineError("SOURCE_NOT_FOUND", text, { details, cause: error });
  }
  if (name === "NoSuchKey") {
    const text = `The object ${uri} does not exist. Check its bucket and key.`;
    return new PipelineError("SOURCE_NOT_FOUND", text, { details, cause: error });
  }
  if (name === "InvalidRange") {
    const text = `The object ${uri} is empty. Check what has written it.`;
    return new PipelineError("SOURCE_EMPTY", text, { details, cause: error });
  }
  const action = versionId === undefined ? "s3:GetObject" : "s3:GetObjectVersion";
  return mapS3Error(error, { ...object, action });
}

/** The name of the error of a request for a version. S3 has names of its own for a text that is no version, and for a delete marker. */
function versionFault(error: unknown): string {
  const { name, message } = readAwsError(error);
  const isOfVersion = name === "MethodNotAllowed" || (name === "InvalidArgument" && /version/i.test(message));
  return isOfVersion ? "NoSuchVersion" : name;
}

function uriOf({ bucket, key }: SourceObject): string {
  return `s3://${bucket}/${key}`;
}
