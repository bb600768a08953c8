import { deepEqual, equal, match, ok } from "node:assert/strict";
import { StandardRetryStrategy } from "@smithy/core/retry";
import { countingRequests } from "../../../../src/services/request-counts.ts";
import { crc32Base64 } from "../../../../src/services/s3/upload/checksums.ts";
import type { UploadObjectOptions } from "../../../../src/services/s3/upload/upload-object.ts";
import { patterned } from "../../http/file-server.ts";
import { type Call, type S3Stub, useS3Stub } from "../s3-stub.ts";
import { uploadToStub } from "./upload-to-stub.ts";

const PART_BYTES = 5 * 1024 * 1024;
const PARTS = 6;
const FILE = patterned(PARTS * PART_BYTES - 7);

describe("parts that are sent like an earlier one", () => {
  let s3: S3Stub;
  useS3Stub((stub) => {
    s3 = stub;
  });

  /** Gives the client the SDK's retries without their pauses, and returns what the pauses would have been. */
  function withoutPauses() {
    const pauses: Array<{ readonly mostMs: number; readonly retry: number }> = [];
    let mostMs = 0;
    const backoff = {
      setDelayBase: (ms: number) => {
        mostMs = ms;
      },
      computeNextBackoffDelay: (retry: number) => {
        pauses.push({ mostMs, retry });
        return 0;
      },
    };
    s3.reopen({ retryStrategy: new StandardRetryStrategy({ maxAttempts: 3, backoff }) });
    return pauses;
  }

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

  /** Lets the first part fail that is not sent by the SDK, and returns all requests for this part. */
  async function uploadFailing(fail: (call: Call) => void): Promise<Call[]> {
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
    return s3.called("UploadPart").filter(({ query }) => query.get("partNumber") === number);
  }

  for (const [what, fail] of [
    ["a gateway answers with a page", (call: Call) => call.page(200, "<html></html>")],
    ["the response has no ETag", (call: Call) => call.response.end()],
    ["S3 refuses them", (call: Call) => call.refuse(403, "SignatureDoesNotMatch")],
  ] as const) {
    it(`are sent again by the SDK if ${what}`, async () => {
      const sent = await uploadFailing(fail);
      equal(sent.length, 2);
      match(String(sent[1]?.headers["amz-sdk-request"]), /^attempt=1; /);
    });
  }

  for (const [what, fail, pauseMs] of [
    ["S3 is busy", (call: Call) => call.refuse(503, "SlowDown"), 1000],
    ["there are too many requests", (call: Call) => call.refuse(429, "TooManyRequests"), 1000],
    ["S3 has a failure", (call: Call) => call.refuse(500, "InternalError"), 50],
    ["a gateway can't reach S3", (call: Call) => call.page(502, "<html></html>"), 50],
    ["the connection breaks", (call: Call) => call.message.socket.destroy(), 50],
  ] as const) {
    it(`are sent again by the SDK after its pause, as their second attempt, if ${what}`, async () => {
      const pauses = withoutPauses();
      const sent = await uploadFailing(fail);
      equal(sent.length, 2);
      match(String(sent[1]?.headers["amz-sdk-request"]), /^attempt=2; /);
      deepEqual(pauses, [{ mostMs: pauseMs, retry: 0 }]);
    });
  }

  it("fail after the attempts of the SDK, with its error, while S3 is busy", async () => {
    withoutPauses();
    s3.script = (call) => {
      if (sentBy(false).length > 0 && call.operation === "UploadPart") {
        call.refuse(503, "SlowDown");
      } else {
        call.proceed();
      }
    };
    const error = await upload().catch((caught: unknown) => caught);
    equal((error as { code?: string }).code, "AWS_RATE_LIMITED");
    const { query } = sentBy(false)[0] as Call;
    const sent = s3.called("UploadPart").filter((call) => call.query.get("partNumber") === query.get("partNumber"));
    equal(sent.length, 3);
  });

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
