import type { S3Client } from "@aws-sdk/client-s3";
import { ListObjectsV2Command } from "../../../sdk/s3.ts";
import { awsPages } from "../../aws/aws-pages.ts";
import { mapS3Error } from "../errors/map-s3-error.ts";
import { unquoted } from "../object/check-object.ts";

/** Of 1,000 objects each: a prefix may contain millions of which few are wanted. */
const MAX_PAGES = 100_000;

/** An object of a listing. */
export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  /** Without quotes. */
  readonly etag: string;
}

/**
 * Lists the objects below a prefix in the order of their keys.
 *
 * @param options.folder - the prefix, with or without a slash at its end; blank for the whole bucket
 * @param options.recursive - whether to list objects with further slashes in their names too
 * @param options.isWanted - decides by the name below the prefix
 * @param options.max - the maximum number of objects
 * @throws PipelineError `S3_BUCKET_NOT_FOUND`, `S3_BUCKET_WRONG_REGION`, `S3_NAME_INVALID`, `S3_ACCESS_DENIED`, `AWS_*`, `ABORTED`
 */
export async function listObjects(options: {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly folder?: string | undefined;
  readonly recursive: boolean;
  readonly isWanted: (name: string) => boolean;
  readonly max: number;
  readonly signal: AbortSignal;
}): Promise<ListedObject[]> {
  const folder = (options.folder ?? "").replace(/^\/+|(?<!\/)\/+$/g, "");
  const prefix = folder === "" ? "" : `${folder}/`;
  const found: ListedObject[] = [];
  const pages = awsPages({
    action: "s3:ListBucket",
    maxPages: MAX_PAGES,
    read: (ContinuationToken?: string) =>
      options.s3.send(
        new ListObjectsV2Command({
          Bucket: options.bucket,
          Prefix: prefix === "" ? undefined : prefix,
          Delimiter: options.recursive ? undefined : "/",
          ContinuationToken,
        }),
        { abortSignal: options.signal },
      ),
    next: ({ IsTruncated, NextContinuationToken }) => (IsTruncated ? NextContinuationToken : undefined),
  });
  try {
    for await (const { Contents = [] } of pages) {
      for (const { Key: key = "", Size: bytes = 0, ETag: etag } of Contents) {
        // A key with a slash at its end is the folder that a console has created.
        if (!key.endsWith("/") && options.isWanted(key.slice(prefix.length))) {
          found.push({ key, bytes, etag: unquoted(etag) });
        }
      }
      if (found.length >= options.max) {
        break;
      }
    }
  } catch (error) {
    throw mapS3Error(error, { action: "s3:ListBucket", bucket: options.bucket });
  }
  // Directory buckets list in another order.
  return found.sort((a, b) => (a.key < b.key ? -1 : 1)).slice(0, options.max);
}
