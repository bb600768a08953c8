import { deepEqual, equal, ok } from "node:assert/strict";
import { countingRequests } from "../../../../src/services/request-counts.ts";
import { crc32Base64 } from "../../../../src/services/s3/upload/checksums.ts";
import type { UploadObjectOptions } from "../../../../src/services/s3/upload/upload-object.ts";
import { patterned } from "../../http/file-server.ts";
import { type Call, type S3Stub, useS3Stub } from "../s3-stub.ts";
import { uploadToStub } from "./upload-to-stub.ts";

const PART_BYTES = 5 * 1024 * 1024;
const PARTS = 9;
const FILE = patterned(PARTS * PART_BYTES - 7);

describe("parts that are sent like an earlier one", () => {
  let s3: S3Stub;
  useS3Stub((stub) => {
    s3 = stub;
  });

  const upload = (request?: Partial<UploadObjectOptions>) => uploadToStub(s3, FILE, request);
  const isStored = (): boolean => FILE.equals(s3.objects.get("clip.mp4")?.bytes ?? Buffer.alloc(0));
  const sentBy = (isSdk: boolean): Call[] =>
    s3.called("UploadPart").filter(({ headers }) => (headers["amz-sdk-invocation-id"] !== undefined) === isSdk);
  const numbers = (calls: readonly Call[]): Set<string | null> =>
    new Set(calls.map(({ query }) => query.get("partNumber")));

  it("have their own number, length, checksum and signature", async () => {
    await upload();
    ok(isStored());
    const calls = sentBy(false);
    ok(calls.length >= PARTS - 3, `${calls.length} of ${PARTS}`);
    equal(numbers(s3.called("UploadPart")).size, PARTS);
    deepEqual(
      calls.map(({ headers }) => headers["x-amz-checksum-crc32"]),
      calls.map(({ body }) => crc32Base64(body)),
    );
    equal(new Set(calls.map(({ headers }) => headers.authorization)).size, calls.length);
  });

  it("are signed with renewed credentials", async () => {
    let session = 0;
    const credentials = async () => {
      session += 1;
      const expiration = new Date(Date.now() + 1000);
      return { accessKeyId: `AKID${session}`, secretAccessKey: "secret", sessionToken: `token${session}`, expiration };
    };
    s3.reopen({ credentials });
    await upload();
    ok(isStored());
    for (const { headers } of sentBy(false)) {
      const [, key] = /Credential=AKID(\d+)\//.exec(String(headers.authorization)) ?? [];
      equal(headers["x-amz-security-token"], `token${key}`);
    }
    ok(new Set(sentBy(false).map(({ headers }) => headers["x-amz-security-token"])).size > 1);
  });

  for (const [what, fail] of [
    ["S3 is busy", (call: Call) => call.refuse(503, "SlowDown")],
    ["the connection breaks", (call: Call) => call.message.socket.destroy()],
    ["a gateway answers with a page", (call: Call) => call.page(200, "<html></html>")],
    ["the answer has no ETag", (call: Call) => call.response.end()],
  ] as const) {
    it(`are sent again by the SDK if ${what}`, async () => {
      let failed: Call | undefined;
      s3.script = (call) => {
        if (failed === undefined && sentBy(false).includes(call)) {
          failed = call;
          fail(call);
        } else {
          call.proceed();
        }
      };
      await upload();
      ok(isStored());
      const number = failed?.query.get("partNumber") ?? "";
      const sent = s3.called("UploadPart").filter(({ query }) => query.get("partNumber") === number);
      equal(sent.length, 2);
      ok(sentBy(true).includes(sent[1] as Call));
    });
  }

  it("end with the upload", async () => {
    const stop = new AbortController();
    s3.script = (call) => {
      if (sentBy(false).length > 0) {
        stop.abort(new Error("enough"));
      } else {
        call.proceed();
      }
    };
    const error = await upload({ signal: stop.signal, isPaused: () => true }).catch((caught: unknown) => caught);
    equal((error as { code?: string }).code, "ABORTED");
  });

  it("are counted as requests", async () => {
    let counted = 0;
    await countingRequests(
      () => {
        counted += 1;
      },
      () => upload(),
    );
    // The client of this test does not count the requests of the SDK.
    equal(counted, sentBy(false).length);
  });
});
