import type { CompletedPart, PutObjectCommandInput, S3Client } from "@aws-sdk/client-s3";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import type { ObjectPlace } from "../object/check-object.ts";
import { crc32Base64 } from "./crc32-base64.ts";
import { PART_LIMIT, PARTS_IN_FLIGHT } from "./part-size.ts";
import type { FilledPart } from "./part-stream.ts";
import type { BegunUpload } from "./resume-upload.ts";
import type { UploadRequests } from "./upload-requests.ts";
import type { StoredAnswer } from "./uploaded-object.ts";

/** What an object is born with besides its bytes. */
export type ObjectAttributes = Omit<PutObjectCommandInput, "Bucket" | "Key" | "Body">;

/** What {@link sendParts} takes. */
export interface PartsToSend {
  readonly requests: UploadRequests;
  readonly place: ObjectPlace;
  readonly attributes: ObjectAttributes;
  readonly parts: AsyncIterable<FilledPart>;
  /** A multipart upload to go on with: what it holds is not sent again. */
  readonly begun?: BegunUpload | undefined;
  /** Told the id of a multipart upload, and waited for, before its first part is sent. */
  readonly onUpload?: ((uploadId: string) => void | Promise<void>) | undefined;
}

/**
 * Makes an object of parts: of a single one by PutObject, of more by a multipart upload. When something fails, it rejects after the
 * requests in flight have ended; what was begun on S3 is still there then.
 */
export async function sendParts({
  requests,
  place,
  attributes,
  parts,
  begun,
  onUpload,
}: PartsToSend): Promise<StoredAnswer> {
  const object = { Bucket: place.bucket, Key: place.key };
  const { IfNoneMatch, ...born } = attributes;
  // S3 judges the condition when the object appears.
  const condition = IfNoneMatch === undefined ? {} : { IfNoneMatch };
  const sending = new Set<Promise<void>>();
  const sent: CompletedPart[] = [];
  let failure: unknown;
  let UploadId = begun?.uploadId;

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
      if (part.number === 1 && part.isLast && begun === undefined) {
        return await requests.put({ ...born, ...condition, ...object, Body: part.bytes });
      }
      refuseTooMany(part);
      if (UploadId === undefined) {
        UploadId = await requests.create({ ...born, ...object, ...(await checksumAlgorithm(place.s3)) });
        await (UploadId !== undefined && onUpload?.(UploadId));
      }
      const held = heldPart(part, begun);
      if (held !== undefined) {
        requests.keepPart(part.bytes, held);
        sent.push(held);
        part.release();
        continue;
      }
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

/** What S3 holds of a part, if it is the same: of the same size and the same CRC32. Stores without checksums get it again. */
function heldPart({ number, bytes }: FilledPart, begun: BegunUpload | undefined): CompletedPart | undefined {
  const { Size: size, ChecksumCRC32, ETag } = begun?.parts.get(number) ?? {};
  return ChecksumCRC32 !== undefined && size === bytes.byteLength && ChecksumCRC32 === crc32Base64(bytes)
    ? { PartNumber: number, ETag, ChecksumCRC32 }
    : undefined;
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
