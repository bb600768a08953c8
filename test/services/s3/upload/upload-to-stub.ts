import { type UploadObjectOptions, uploadObject } from "../../../../src/services/s3/upload/upload-object.ts";
import type { UploadedObject } from "../../../../src/services/s3/upload/uploaded-object.ts";
import { manualClock } from "../../../support/fake-clock.ts";
import type { S3Stub } from "../s3-stub.ts";

/** Uploads bytes in parts of 5 MiB as `clip.mp4`, unless the request says otherwise. */
export function uploadToStub(
  stub: S3Stub,
  bytes: Buffer,
  request: Partial<UploadObjectOptions> = {},
): Promise<UploadedObject> {
  return uploadObject({
    s3: stub.client,
    bucket: "videos",
    key: "clip.mp4",
    source: { buffer: bytes, name: "clip.mp4" },
    ifExists: "overwrite",
    partSizeBytes: 5 * 1024 * 1024,
    signal: new AbortController().signal,
    clock: manualClock(5000),
    ...request,
  });
}
