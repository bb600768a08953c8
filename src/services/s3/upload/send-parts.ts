import type { CompletedPart, PutObjectCommandInput, S3Client } from "@aws-sdk/client-s3";
import { OpenValues } from "../../../concurrency/open-values.ts";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import type { ObjectLocation } from "../object/check-object.ts";
import { hasChecksums } from "./checksums.ts";
import { PART_LIMIT } from "./part-size.ts";
import type { PartSlots } from "./part-slots.ts";
import type { FilledPart } from "./part-stream.ts";
import type { ResumedUpload } from "./resume-upload.ts";
import type { UploadRequests } from "./upload-requests.ts";
import type { StoredResponse } from "./uploaded-object.ts";

/** The properties of an object that are set when it is created. */
export type ObjectAttributes = Omit<PutObjectCommandInput, "Bucket" | "Key" | "Body">;

export interface SendPartsOptions {
  readonly requests: UploadRequests;
  readonly location: ObjectLocation;
  readonly attributes: ObjectAttributes;
  readonly parts: AsyncIterable<FilledPart>;
  /** Limits how many parts are sent at the same time. */
  readonly slots: PartSlots;
  /** A multipart upload to resume: parts that it contains are not sent again. */
  readonly resumed?: ResumedUpload | undefined;
  /** Called with the id of a multipart upload, and awaited, before its first part is sent. */
  readonly onUpload?: ((uploadId: string) => void | Promise<void>) | undefined;
}

/**
 * Creates an object from its parts: from a single part by PutObject, from several by a multipart upload. On a failure it rejects after
 * the requests in flight have ended, and leaves an unfinished multipart upload on S3.
 */
export async function sendParts({
  requests,
  location,
  attributes,
  parts,
  slots,
  resumed,
  onUpload,
}: SendPartsOptions): Promise<StoredResponse> {
  const object = { Bucket: location.bucket, Key: location.key };
  const { IfNoneMatch, ...created } = attributes;
  const sending = new OpenValues<Promise<void>>();
  let failure: unknown;
  let UploadId = resumed?.uploadId;

  const send = async ({ bytes, checksum, number, release }: FilledPart): Promise<void> => {
    try {
      await requests.sendPart({ ...object, UploadId, PartNumber: number, Body: bytes, checksum });
      release();
      slots.sent(bytes.byteLength);
    } catch (error) {
      failure ??= error;
    }
  };
  try {
    for await (const part of parts) {
      if (part.number === 1 && part.isLast && resumed === undefined) {
        return await requests.put({ ...created, IfNoneMatch, ...object, Body: part.bytes, checksum: part.checksum });
      }
      refuseTooMany(part);
      if (UploadId === undefined) {
        UploadId = await requests.create({ ...created, ...object, ...(await checksumAlgorithm(location.s3)) });
        await (UploadId !== undefined && onUpload?.(UploadId));
      }
      const stored = storedPart(part, resumed);
      if (stored !== undefined) {
        requests.confirmPart(part.bytes, stored);
        part.release();
        continue;
      }
      // While all slots are taken, the next part is filled.
      const releaseSlot = await slots.acquire();
      if (failure !== undefined) {
        break;
      }
      const ended = send(part).finally(releaseSlot);
      void ended.then(sending.add(ended));
    }
  } finally {
    await Promise.all(sending.all());
    slots.end();
  }
  if (failure !== undefined) {
    throw failure;
  }
  // S3 checks the condition when the object appears.
  return requests.complete({ ...object, IfNoneMatch, UploadId });
}

/** The part that S3 has stored already, if it has the same size and CRC32. A store without checksums gets the part again. */
function storedPart(
  { number, bytes, checksum }: FilledPart,
  resumed: ResumedUpload | undefined,
): CompletedPart | undefined {
  const { Size: size, ChecksumCRC32, ETag } = resumed?.parts.get(number) ?? {};
  return ChecksumCRC32 !== undefined && size === bytes.byteLength && ChecksumCRC32 === checksum
    ? { PartNumber: number, ETag, ChecksumCRC32 }
    : undefined;
}

async function checksumAlgorithm(s3: S3Client): Promise<{ ChecksumAlgorithm?: "CRC32" }> {
  return (await hasChecksums(s3)) ? { ChecksumAlgorithm: "CRC32" } : {};
}

function refuseTooMany({ number }: FilledPart): void {
  if (number > PART_LIMIT) {
    throw new PipelineError(
      "S3_UPLOAD_FAILED",
      `The source is longer than ${PART_LIMIT} parts, the maximum of S3. Choose larger parts.`,
    );
  }
}
