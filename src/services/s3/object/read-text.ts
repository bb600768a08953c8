import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { partsOfS3Uri } from "../../../fields/rules/s3.ts";
import { readAwsError } from "../../aws/errors/aws-error-facts.ts";
import { mapS3Error } from "../errors/map-s3-error.ts";

/** An object with a text, for {@link readText}. */
export interface TextLocation {
  readonly s3: S3Client;
  /** `s3://bucket/key` */
  readonly uri: string;
  /** Larger objects are refused. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/**
 * Reads an object as UTF-8 text.
 *
 * @returns `undefined` if there is no such object
 * @throws PipelineError `S3_*`, `AWS_*`, `ABORTED`
 */
export async function readText({ s3, uri, maxBytes, signal }: TextLocation): Promise<string | undefined> {
  const { bucket, prefix: key } = partsOfS3Uri(uri) ?? { bucket: "", prefix: "" };
  if (key === "") {
    throw new PipelineError("S3_NAME_INVALID", `"${uri}" is not the URI of an object: s3://bucket/key.`);
  }
  try {
    const { Body, ContentLength = 0 } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }), {
      abortSignal: signal,
    });
    if (ContentLength > maxBytes) {
      (Body as { destroy?: () => void } | undefined)?.destroy?.();
      throw new PipelineError(
        "S3_NAME_INVALID",
        `${uri} has ${ContentLength} bytes, more than the ${maxBytes} expected.`,
      );
    }
    return await Body?.transformToString("utf-8");
  } catch (error) {
    if (readAwsError(error).name === "NoSuchKey") {
      return undefined;
    }
    throw mapS3Error(error, { action: "s3:GetObject", bucket, key });
  }
}
