import type { MultipartUpload, Part } from "@aws-sdk/client-s3";
import { ListMultipartUploadsCommand, ListPartsCommand } from "../../../sdk/s3.ts";
import { awsPages } from "../../aws/aws-pages.ts";
import { readAwsError } from "../../aws/errors/aws-error-facts.ts";
import type { ObjectLocation } from "../object/check-object.ts";

/** S3 refuses requests whose clock differs by more than this, so no upload of ours appears older. */
const CLOCK_TOLERANCE_MS = 15 * 60_000;

/**
 * Finds the multipart uploads of exactly one key that a process may have started without recording their ids: they are no older than
 * `since` and have no part, because the id is recorded before the first part is sent. Uploads with parts may belong to another client.
 *
 * @param location - its signal is for the requests
 * @param since - milliseconds since 1970, by the clock of this machine
 * @param known - id of the recorded upload
 * @returns their ids; none without the permission to list uploads
 * @throws what the S3 client throws
 */
export async function findUnrecorded(
  location: ObjectLocation,
  since: number,
  known: string | undefined,
): Promise<string[]> {
  const unrecorded: string[] = [];
  for (const { UploadId: uploadId, Initiated: initiated } of (await ifAllowed(listUploads(location))) ?? []) {
    const isRecent = initiated !== undefined && initiated.getTime() >= since - CLOCK_TOLERANCE_MS;
    if (uploadId === undefined || uploadId === known || !isRecent) {
      continue;
    }
    if (await hasNoPart(location, uploadId)) {
      unrecorded.push(uploadId);
    }
  }
  return unrecorded;
}

/**
 * Lists the stored parts of a multipart upload.
 *
 * @returns `undefined` when the upload no longer exists, or without the permission to list its parts
 * @throws what the S3 client throws
 */
export async function listParts(
  { s3, bucket, key, signal }: ObjectLocation,
  uploadId: string,
): Promise<Part[] | undefined> {
  const pages = awsPages({
    action: "s3:ListMultipartUploadParts",
    read: (PartNumberMarker?: string) =>
      s3.send(
        new ListPartsCommand({
          Bucket: bucket,
          Key: key,
          UploadId: uploadId,
          PartNumberMarker,
        }),
        { abortSignal: signal },
      ),
    next: (page) => (page.IsTruncated === true ? page.NextPartNumberMarker : undefined),
  });
  return ifAllowed(
    (async () => {
      const parts: Part[] = [];
      for await (const { Parts: page = [] } of pages) {
        for (const part of page) {
          parts.push(part);
        }
      }
      return parts;
    })(),
  );
}

async function hasNoPart({ s3, bucket, key, signal }: ObjectLocation, uploadId: string): Promise<boolean> {
  const command = new ListPartsCommand({ Bucket: bucket, Key: key, UploadId: uploadId, MaxParts: 1 });
  const page = await ifAllowed(s3.send(command, { abortSignal: signal }));
  return page !== undefined && (page.Parts ?? []).length === 0;
}

async function listUploads({ s3, bucket, key, signal }: ObjectLocation): Promise<MultipartUpload[]> {
  const uploads: MultipartUpload[] = [];
  const pages = awsPages({
    action: "s3:ListBucketMultipartUploads",
    read: (after?: { KeyMarker: string; UploadIdMarker: string | undefined }) =>
      s3.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: key, ...after }), { abortSignal: signal }),
    next: ({ IsTruncated, NextKeyMarker, NextUploadIdMarker }) =>
      IsTruncated === true && NextKeyMarker !== undefined
        ? { KeyMarker: NextKeyMarker, UploadIdMarker: NextUploadIdMarker }
        : undefined,
  });
  for await (const { Uploads = [] } of pages) {
    // The prefix also matches longer keys.
    for (const upload of Uploads.filter((one) => one.Key === key)) {
      uploads.push(upload);
    }
  }
  return uploads;
}

/** `undefined` for a refusal (no permission, no such upload, not supported by the store); other errors may be temporary. */
async function ifAllowed<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    const { httpStatus } = readAwsError(error);
    if (httpStatus !== undefined && httpStatus !== 429 && (httpStatus < 500 || httpStatus === 501)) {
      return undefined;
    }
    throw error;
  }
}
