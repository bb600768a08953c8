import { ListMultipartUploadsCommand, ListPartsCommand, type MultipartUpload, type Part } from "@aws-sdk/client-s3";
import { awsPages } from "../../aws/aws-pages.ts";
import { readAwsError } from "../../aws/errors/aws-error-facts.ts";
import type { ObjectPlace } from "../object/check-object.ts";

/** S3 takes no request whose clock is further off than this, so no upload of ours seems older. */
const CLOCK_TOLERANCE_MS = 15 * 60_000;

/**
 * Finds the multipart uploads of exactly one key that may have been begun by a process that ended before it could note their ids: they
 * are no older than `since` and hold no part, because no part is sent before the id is noted. Uploads with parts may be anybody's.
 *
 * @param place - its signal is for the requests
 * @param since - milliseconds since 1970, by our clock
 * @param known - id of an upload that was noted
 * @returns their ids; none when S3 does not let us look
 * @throws what the S3 client throws
 */
export async function findUnnoted(place: ObjectPlace, since: number, known: string | undefined): Promise<string[]> {
  const unnoted: string[] = [];
  for (const { UploadId: uploadId, Initiated: initiated } of (await ifAllowed(listUploads(place))) ?? []) {
    const isRecent = initiated !== undefined && initiated.getTime() >= since - CLOCK_TOLERANCE_MS;
    if (uploadId === undefined || uploadId === known || !isRecent) {
      continue;
    }
    if (await hasNoPart(place, uploadId)) {
      unnoted.push(uploadId);
    }
  }
  return unnoted;
}

/**
 * Lists what a multipart upload holds already.
 *
 * @returns `undefined` when the upload is no more, or S3 does not let us look
 * @throws what the S3 client throws
 */
export async function listParts(
  { s3, bucket, key, signal }: ObjectPlace,
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

async function hasNoPart({ s3, bucket, key, signal }: ObjectPlace, uploadId: string): Promise<boolean> {
  const command = new ListPartsCommand({ Bucket: bucket, Key: key, UploadId: uploadId, MaxParts: 1 });
  const page = await ifAllowed(s3.send(command, { abortSignal: signal }));
  return page !== undefined && (page.Parts ?? []).length === 0;
}

async function listUploads({ s3, bucket, key, signal }: ObjectPlace): Promise<MultipartUpload[]> {
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
    // A prefix: keys that go on after it are listed too.
    for (const upload of Uploads.filter((one) => one.Key === key)) {
      uploads.push(upload);
    }
  }
  return uploads;
}

/** A refusal (no permission, no such upload, a store that can't) means that we have to do without; anything else may pass. */
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
