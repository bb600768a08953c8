import { rejects } from "node:assert/strict";
import type { S3Client } from "@aws-sdk/client-s3";
import { listObjects } from "../../../../src/services/s3/listing/list-objects.ts";

describe("a listing of objects", () => {
  it("ends if the store returns a page again", async () => {
    const send = async () => ({ IsTruncated: true, NextContinuationToken: "again", Contents: [] });
    await rejects(
      listObjects({
        ...{ s3: { send } as unknown as S3Client, bucket: "videos", recursive: true, max: 10 },
        ...{ isWanted: () => true, signal: new AbortController().signal },
      }),
      { code: "AWS_SERVICE_FAILED", message: /s3:ListBucket does not end: a page is repeated/ },
    );
  });
});
