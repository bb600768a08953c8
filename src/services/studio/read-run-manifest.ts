import type { S3Client } from "@aws-sdk/client-s3";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { parseS3Uri } from "../s3/object/parse-uri.ts";
import { readObjectText } from "../s3/object/read-object.ts";
import type { StudioRunLocation } from "./run-location.ts";
import { readManifest, type StudioManifest } from "./studio-manifest.ts";
import { studioObjects } from "./studio-request.ts";

/** About 400,000 frames. */
const LIMITS = { maxBytes: 128 * 2 ** 20, timeoutMs: 5 * 60_000 } as const;

/**
 * Reads the manifest of a run from S3.
 *
 * @throws PipelineError `STUDIO_MANIFEST_INVALID` if it is not valid or missing; `S3_*`, `AWS_*`, `ABORTED`
 */
export async function readRunManifest(options: {
  readonly s3: S3Client;
  readonly location: StudioRunLocation;
  readonly signal: AbortSignal;
}): Promise<StudioManifest> {
  const { s3, location, signal } = options;
  const { manifest: uri } = studioObjects(location);
  const { bucket, key } = parseS3Uri(uri) ?? { bucket: "", key: "" };
  const content = await readObjectText({ s3, bucket, key, signal }, LIMITS);
  if (content === undefined) {
    throw new PipelineError(
      "STUDIO_MANIFEST_INVALID",
      `The manifest ${uri} does not exist. Check the output folder, and run the selection again.`,
      { details: { manifest: uri } },
    );
  }
  return readManifest(content, location);
}
