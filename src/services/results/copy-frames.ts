import type { S3Client } from "@aws-sdk/client-s3";
import type { AddressRules } from "../http/guard/guard-address.ts";
import { parseSourceUrl } from "../http/url/source-url.ts";
import { openUrlStream } from "../http/url/url-stream.ts";
import type { ReadableFrame } from "../lightly/frames/tagged-frames.ts";
import { validateBucketName } from "../s3/bucket-name.ts";
import { headObject, type ObjectLocation } from "../s3/object/check-object.ts";
import { copyObject } from "../s3/object/copy-object.ts";
import { validateObjectKey } from "../s3/object-key.ts";
import { uploadObject } from "../s3/upload/upload-object.ts";
import { frameSource } from "./frame-source.ts";
import { type TransferFramesOptions, type TransferredFrames, transferFrames } from "./transfer-frames.ts";

/** A picture goes in one request, of which S3 keeps all or nothing, whenever this process ends. */
const PART_SIZE_BYTES = 64 * 2 ** 20;

/** What {@link copyFrames} takes. */
export interface CopyFramesOptions extends TransferFramesOptions {
  readonly s3: S3Client;
  readonly bucket: string;
  /** Slashes at its ends do not matter; it may be empty. */
  readonly prefix: string;
  /** The datasources of the run, `s3://bucket/prefix`: S3 copies from there only. Without any, all frames are streamed. */
  readonly datasources: readonly string[];
  /** Which addresses may be reached apart from public ones and the administrator's list. */
  readonly addresses?: AddressRules;
}

/** Where {@link copyFrames} puts a frame. */
export function frameUri({ bucket, prefix }: Pick<CopyFramesOptions, "bucket" | "prefix">, fileName: string): string {
  return `s3://${bucket.trim()}/${frameKey(prefix, fileName)}`;
}

/**
 * Copies frames below a prefix of a bucket, under the names that they have in Lightly. As long as they are in a datasource of the run,
 * and the account may read them there, S3 copies by itself; else they are streamed from their signed URLs. What is there with the right
 * length is not copied again.
 *
 * @throws PipelineError `FRAME_SOURCE_REFUSED`, `S3_*`, `AWS_*`, `SOURCE_*`, `ABORTED`; it names the frame
 */
export async function copyFrames(o: CopyFramesOptions): Promise<TransferredFrames> {
  const bucket = validateBucketName(o.bucket);
  let mayCopy = true;
  return transferFrames(o, async (frame, signal) => {
    const place: ObjectLocation = { s3: o.s3, bucket, key: frameKey(o.prefix, frame.fileName), signal };
    const object = frameSource(frame, o.datasources);
    const source = mayCopy && object ? { s3: o.s3, ...object, signal } : undefined;
    if (source !== undefined) {
      const copied = await copyObject({ from: source, to: place });
      if (copied !== undefined) {
        return copied.bytes;
      }
      // Another frame would be refused in the same way.
      mayCopy = false;
    }
    return stream(frame, place, o.addresses);
  });
}

function frameKey(prefix: string, fileName: string): string {
  const folder = prefix.trim().replace(/^\/+|(?<!\/)\/+$/g, "");
  return validateObjectKey(folder === "" ? fileName : `${folder}/${fileName}`);
}

async function stream(
  { readUrl }: ReadableFrame,
  place: ObjectLocation,
  addresses: AddressRules | undefined,
): Promise<number> {
  const allowed = addresses && { addresses };
  const there = (await headObject(place))?.ContentLength;
  if (there !== undefined && there === (await lengthOf(readUrl, place.signal, allowed))) {
    return there;
  }
  const request = {
    ...place,
    source: { url: readUrl, ...allowed },
    ifExists: "overwrite",
    partSizeBytes: PART_SIZE_BYTES,
  } as const;
  return (await uploadObject(request)).bytes;
}

async function lengthOf(
  url: string,
  signal: AbortSignal,
  allowed: { readonly addresses: AddressRules } | undefined,
): Promise<number | undefined> {
  const source = await openUrlStream({ url: parseSourceUrl(url), signal, ...allowed });
  source.close();
  return source.totalBytes;
}
