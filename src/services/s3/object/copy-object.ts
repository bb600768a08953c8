import { CopyObjectCommand } from "@aws-sdk/client-s3";
import { readAwsError } from "../../aws/errors/aws-error-facts.ts";
import { mapS3Error } from "../map-s3-error.ts";
import { headObject, type ObjectLocation } from "./check-object.ts";

/**
 * Copies an object of up to 5 GiB within S3, unless the destination has an object of the same length.
 *
 * @returns `undefined` if the credentials may not read the source or may not write the destination: S3 does not distinguish them
 * @throws PipelineError `S3_*`, `AWS_*`, `ABORTED`
 */
export async function copyObject({
  from,
  to,
}: {
  readonly from: ObjectLocation;
  readonly to: ObjectLocation;
}): Promise<{ bytes: number } | undefined> {
  const bytes = (await headObject(from))?.ContentLength;
  if (bytes === undefined) {
    return undefined;
  }
  if ((await headObject(to))?.ContentLength === bytes) {
    return { bytes };
  }
  const source = [from.bucket, ...from.key.split("/")].map(encodeURIComponent).join("/");
  try {
    await to.s3.send(new CopyObjectCommand({ Bucket: to.bucket, Key: to.key, CopySource: source }), {
      abortSignal: to.signal,
    });
    return { bytes };
  } catch (error) {
    if (readAwsError(error).httpStatus === 403) {
      return undefined;
    }
    throw mapS3Error(error, { bucket: to.bucket, key: to.key, action: "s3:PutObject" });
  }
}
