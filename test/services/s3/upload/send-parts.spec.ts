import assert from "node:assert/strict";
import { S3Client } from "@aws-sdk/client-s3";
import { readBytes } from "../../../../src/services/s3/source/buffer-source.ts";
import { PartSlots } from "../../../../src/services/s3/upload/part-slots.ts";
import { partsOf } from "../../../../src/services/s3/upload/part-stream.ts";
import { sendParts } from "../../../../src/services/s3/upload/send-parts.ts";
import type { PartToSend, UploadRequests } from "../../../../src/services/s3/upload/upload-requests.ts";

const LIMIT = 10_000;

describe("sendParts", () => {
  const s3 = new S3Client({ region: "eu-central-1" });
  const location = { s3, bucket: "videos", key: "clip.mp4", signal: new AbortController().signal };
  after(() => s3.destroy());

  /** Sends a source of a number of bytes in parts of two, to an S3 that accepts everything. */
  async function send(bytes: number) {
    const sent: PartToSend[] = [];
    let completed = 0;
    const requests = {
      create: async () => "upload",
      sendPart: async (part: PartToSend) => {
        sent.push(part);
      },
      complete: async () => {
        completed = sent.length;
        return {};
      },
    };
    const parts = partsOf(readBytes(new Uint8Array(bytes)), 2);
    const outcome = sendParts({
      requests: requests as unknown as UploadRequests,
      location,
      attributes: {},
      parts,
      slots: new PartSlots({ start: 2, partSizeBytes: 2 }),
    });
    return {
      error: await outcome.then(
        () => undefined,
        (error: unknown) => error,
      ),
      sent: sent.length,
      completed,
    };
  }

  it("sends as many parts as S3 allows", async () => {
    assert.deepEqual(await send(2 * LIMIT), { error: undefined, sent: LIMIT, completed: LIMIT });
  });

  it("does not complete a longer source", async () => {
    const { error, sent, completed } = await send(2 * LIMIT + 1);
    assert.match(String(error), /longer than 10000 parts, the maximum of S3\. Choose larger parts/);
    assert.deepEqual([sent, completed], [LIMIT, 0]);
  });
});
