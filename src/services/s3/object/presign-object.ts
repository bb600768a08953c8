import type { S3Client } from "@aws-sdk/client-s3";
import { GetObjectCommand } from "../../../sdk/s3.ts";
import { payerOf } from "../client/requester-pays.ts";
import { mapS3Error } from "../errors/map-s3-error.ts";

/**
 * Signs a URL with which anyone can read an object until it expires, or until the credentials do. No request is sent.
 *
 * @throws PipelineError `S3_*`, `AWS_*`, for example if there are no credentials
 */
export async function presignObject(options: {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly key: string;
  /** Default: the latest version. */
  readonly versionId?: string | undefined;
  readonly expirySeconds: number;
}): Promise<string> {
  const { s3, bucket, key, versionId, expirySeconds } = options;
  const { getSignedUrl } = await import("../../../sdk/presigner.ts");
  try {
    const request = new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId, RequestPayer: payerOf(s3) });
    return await getSignedUrl(s3, request, { expiresIn: expirySeconds });
  } catch (error) {
    throw mapS3Error(error, { action: "s3:GetObject", bucket, key });
  }
}
