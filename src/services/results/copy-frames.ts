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

/** Larger than a picture, so that each picture is uploaded by one atomic request, even if this process ends. */
const PART_SIZE_BYTES = 64 * 2 ** 20;

export interface CopyFramesOptions extends TransferFramesOptions {
  readonly s3: S3Client;
  readonly bucket: string;
  /** Leading and trailing slashes are ignored; it may be empty. */
  readonly prefix: string;
  /** The datasources of the run, `s3://bucket/prefix`, from which S3 may copy. If there are none, all frames are streamed. */
  readonly datasources: readonly string[];
  /** The addresses that are allowed in addition to public addresses and the administrator's list. */
  readonly addresses?: AddressRules;
}

/** Returns the URI of the copy of a frame. */
export function frameUri({ bucket, prefix }: Pick<CopyFramesOptions, "bucket" | "prefix">, fileName: string): string {
  return `s3://${bucket.trim()}/${frameKey(prefix, fileName)}`;
}

/**
 * Copies frames to a prefix of a bucket, with their names in Lightly. S3 copies frames that are in a datasource of the run, if the account
 * has permission to read them. Other frames are streamed from their signed URLs. An object that exists with the right length is not copied
 * again.
 *
 * @throws PipelineError `FRAME_SOURCE_REFUSED`, `S3_*`, `AWS_*`, `SOURCE_*`, `ABORTED`. The error names the frame.
 */
export async function copyFrames(options: CopyFramesOptions): Promise<TransferredFrames> {
  const bucket = validateBucketName(options.bucket);
  let mayCopy = true;
  return transferFrames(options, async (frame, signal) => {
    const key = frameKey(options.prefix, frame.fileName);
    const target: ObjectLocation = { s3: options.s3, bucket, key, signal, folder: folderOf(options.prefix) };
    const object = frameSource(frame, options.datasources);
    const source = mayCopy && object ? { s3: options.s3, ...object, signal } : undefined;
    if (source !== undefined) {
      const copied = await copyObject({ from: source, to: target });
      if (copied !== undefined) {
        return copied.bytes;
      }
      // The permission is missing for all other frames too.
      mayCopy = false;
    }
    return stream(frame, target, options.addresses);
  });
}

function frameKey(prefix: string, fileName: string): string {
  const folder = folderOf(prefix);
  return validateObjectKey(folder === "" ? fileName : `${folder}/${fileName}`);
}

function folderOf(prefix: string): string {
  return prefix.trim().replace(/^\/+|(?<!\/)\/+$/g, "");
}

async function stream(
  { readUrl }: ReadableFrame,
  target: ObjectLocation,
  addresses: AddressRules | undefined,
): Promise<number> {
  const allowed = addresses && { addresses };
  const existing = (await headObject(target))?.ContentLength;
  if (existing !== undefined && existing === (await lengthOf(readUrl, target.signal, allowed))) {
    return existing;
  }
  const request = {
    ...target,
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
