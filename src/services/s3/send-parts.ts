import type { CompletedPart, PutObjectCommandInput, PutObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";
import { PipelineError } from "../../errors/pipeline-error.ts";
import type { ObjectPlace } from "./check-object.ts";
import { PART_LIMIT, PARTS_IN_FLIGHT } from "./part-size.ts";
import type { FilledPart } from "./part-stream.ts";
import type { UploadRequests } from "./upload-requests.ts";

/** What an object is born with besides its bytes. */
export type ObjectAttributes = Omit<PutObjectCommandInput, "Bucket" | "Key" | "Body">;

/** What S3 says of the finished object. */
export type StoredAnswer = Pick<PutObjectCommandOutput, "ETag" | "VersionId" | "ChecksumCRC32" | "ChecksumType">;

/** What {@link sendParts} takes. */
export interface PartsToSend {
  readonly requests: UploadRequests;
  readonly place: ObjectPlace;
  readonly attributes: ObjectAttributes;
  readonly parts: AsyncIterable<FilledPart>;
}

/**
 * Makes an object of parts: of a single one by PutObject, of more by a multipart upload. When something fails, it rejects after the
 * requests in flight have ended; what was begun on S3 is still there then.
 */
export async function sendParts({ requests, place, attributes, parts }: PartsToSend): Promise<StoredAnswer> {
  const object = { Bucket: place.bucket, Key: place.key };
  const { IfNoneMatch, ...born } = attributes;
  // S3 judges the condition when the object appears.
  const condition = IfNoneMatch === undefined ? {} : { IfNoneMatch };
  const sending = new Set<Promise<void>>();
  const sent: CompletedPart[] = [];
  let failure: unknown;
  let UploadId: string | undefined;

  const send = async ({ bytes, number, release }: FilledPart): Promise<void> => {
    try {
      sent.push(await requests.sendPart({ ...object, UploadId, PartNumber: number, Body: bytes }));
      release();
    } catch (error) {
      failure ??= error;
    }
  };
  try {
    for await (const part of parts) {
      if (part.number === 1 && part.isLast) {
        return await requests.put({ ...born, ...condition, ...object, Body: part.bytes });
      }
      refuseTooMany(part);
      UploadId ??= await requests.create({ ...born, ...object, ...(await checksumAlgorithm(place.s3)) });
      // While so many are in flight, the next one fills up.
      while (sending.size >= PARTS_IN_FLIGHT) {
        await Promise.race(sending);
      }
      if (failure !== undefined) {
        break;
      }
      const request = send(part).finally(() => sending.delete(request));
      sending.add(request);
    }
  } finally {
    await Promise.all(sending);
  }
  if (failure !== undefined) {
    throw failure;
  }
  const Parts = sent.sort((one, other) => (one.PartNumber ?? 0) - (other.PartNumber ?? 0));
  return requests.complete({ ...object, ...condition, UploadId, MultipartUpload: { Parts } });
}

/** Stores that know no checksums are used with WHEN_REQUIRED. */
async function checksumAlgorithm({ config }: S3Client): Promise<{ ChecksumAlgorithm?: "CRC32" }> {
  return (await config.requestChecksumCalculation()) === "WHEN_SUPPORTED" ? { ChecksumAlgorithm: "CRC32" } : {};
}

function refuseTooMany({ number }: FilledPart): void {
  if (number > PART_LIMIT) {
    throw new PipelineError(
      "S3_UPLOAD_FAILED",
      `The source is longer than ${PART_LIMIT} parts, and S3 takes no more. Choose larger parts.`,
    );
  }
}
