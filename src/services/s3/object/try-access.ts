import { randomUUID } from "node:crypto";
import type { S3Client } from "@aws-sdk/client-s3";
import { AbortMultipartUploadCommand, CreateMultipartUploadCommand, HeadObjectCommand } from "../../../sdk/s3.ts";
import { readAwsError } from "../../aws/errors/aws-error-facts.ts";
import { mapS3Error } from "../errors/map-s3-error.ts";
import { withLeftUpload } from "../upload/discard-upload.ts";

/** A folder of a bucket. */
export interface Folder {
  readonly s3: S3Client;
  readonly bucket: string;
  /** Without a slash at its end; may be empty. */
  readonly prefix: string;
  readonly signal: AbortSignal;
}

/**
 * Finds out whether objects can be written below a prefix, without writing one: it starts a multipart upload and aborts it. S3 decides that
 * with all of its policies, which a simulation does not know, and neither an object, nor a version, nor an event comes of it.
 *
 * @throws PipelineError `S3_ACCESS_DENIED` (naming `s3:PutObject` or `s3:AbortMultipartUpload`) and the other `S3_*`, `AWS_*`, `ABORTED`. If
 *   the upload could not be aborted, `details.leftUploadId` names it.
 */
export async function tryWrite({ s3, bucket, prefix, signal }: Folder): Promise<void> {
  const key = checkKey(prefix);
  const context = { bucket, key, folder: prefix };
  let uploadId: string | undefined;
  try {
    const command = new CreateMultipartUploadCommand({ Bucket: bucket, Key: key });
    uploadId = (await s3.send(command, { abortSignal: signal })).UploadId;
  } catch (error) {
    throw mapS3Error(error, { ...context, action: "s3:PutObject" });
  }
  if (uploadId === undefined) {
    return;
  }
  try {
    // Without the signal: a time limit must not leave the upload behind.
    await s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId }));
  } catch (error) {
    const fault = mapS3Error(error, { ...context, action: "s3:AbortMultipartUpload" });
    throw withLeftUpload(fault, { bucket, key }, uploadId);
  }
}

/**
 * Finds out whether objects below a prefix can be read, by asking for one that does not exist: S3 says so only to those who may read and
 * list.
 *
 * @throws PipelineError `S3_ACCESS_DENIED` (naming `s3:GetObject`) and the other `S3_*`, `AWS_*`, `ABORTED`
 */
export async function tryRead({ s3, bucket, prefix, signal }: Folder): Promise<void> {
  const key = checkKey(prefix);
  try {
    await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
  } catch (error) {
    if (readAwsError(error).httpStatus !== 404) {
      throw mapS3Error(error, { bucket, key, folder: prefix, action: "s3:GetObject" });
    }
  }
}

function checkKey(prefix: string): string {
  return `${prefix === "" ? "" : `${prefix}/`}.lightly-aws-check-${randomUUID()}`;
}
