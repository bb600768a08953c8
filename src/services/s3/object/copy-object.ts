import { CopyObjectCommand } from "@aws-sdk/client-s3";
import { readAwsError } from "../../aws/errors/aws-error-facts.ts";
import { mapS3Error } from "../map-s3-error.ts";
import { lookUp, type ObjectPlace } from "./check-object.ts";

/**
 * Has S3 copy an object of up to 5 GiB; not if one of its length is there already.
 *
 * @returns `undefined` when the credentials may not read the one, or write the other in this way: S3 does not tell which
 * @throws PipelineError `S3_*`, `AWS_*`, `ABORTED`
 */
export async function copyObject({
  from,
  to,
}: {
  readonly from: ObjectPlace;
  readonly to: ObjectPlace;
}): Promise<{ bytes: number } | undefined> {
  const bytes = (await lookUp(from))?.ContentLength;
  if (bytes === undefined) {
    return undefined;
  }
  if ((await lookUp(to))?.ContentLength === bytes) {
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
