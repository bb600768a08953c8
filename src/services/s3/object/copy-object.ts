import { CopyObjectCommand } from "../../../sdk/s3.ts";
import { mapS3Error } from "../errors/map-s3-error.ts";
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
    const mapped = mapS3Error(error, { ...to, action: "s3:PutObject" });
    if (mapped.code === "S3_ACCESS_DENIED") {
      return undefined;
    }
    throw mapped;
  }
}
