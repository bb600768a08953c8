import type { S3Client } from "@aws-sdk/client-s3";
import { ListObjectsV2Command } from "../../../sdk/s3.ts";
import { type Listing, listing, MAX_LISTED } from "../../listing.ts";
import { mapS3Error } from "../errors/map-s3-error.ts";

/** A bucket may contain millions of objects beside its folders: the search ends after this many pages of 1,000. */
const MAX_PAGES = 10;

/**
 * Lists the prefixes one level below another one, as a file manager shows folders.
 *
 * @param options.folder - the prefix to list, with or without a slash at its end; blank for the bucket itself
 * @returns whole prefixes without a slash at their end, in alphabetical order
 * @throws PipelineError `S3_BUCKET_NOT_FOUND`, `S3_BUCKET_WRONG_REGION`, `S3_NAME_INVALID`, `S3_ACCESS_DENIED`, `AWS_*`, `ABORTED`
 */
export async function listPrefixes(options: {
  s3: S3Client;
  bucket: string;
  folder?: string;
  signal: AbortSignal;
}): Promise<Listing<string>> {
  const folder = (options.folder ?? "").replace(/(?<!\/)\/+$/, "");
  const found: string[] = [];
  let ContinuationToken: string | undefined;
  try {
    for (let page = 1; page <= MAX_PAGES && found.length <= MAX_LISTED; page += 1) {
      const response = await options.s3.send(
        new ListObjectsV2Command({
          Bucket: options.bucket,
          Delimiter: "/",
          Prefix: folder === "" ? undefined : `${folder}/`,
          ContinuationToken,
        }),
        { abortSignal: options.signal },
      );
      for (const { Prefix } of response.CommonPrefixes ?? []) {
        if (Prefix !== undefined) {
          found.push(Prefix.replace(/\/$/, ""));
        }
      }
      ContinuationToken = response.IsTruncated ? response.NextContinuationToken : undefined;
      if (ContinuationToken === undefined) {
        break;
      }
    }
  } catch (error) {
    throw mapS3Error(error, { action: "s3:ListBucket", bucket: options.bucket });
  }
  return listing(found, ContinuationToken !== undefined);
}
