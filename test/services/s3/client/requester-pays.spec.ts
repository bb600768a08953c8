import { deepEqual, equal } from "node:assert/strict";
import { payingClient } from "../../../../src/services/s3/client/requester-pays.ts";
import { uploadObject } from "../../../../src/services/s3/upload/upload-object.ts";
import { manualClock } from "../../../support/fake-clock.ts";
import { patterned } from "../../http/file-server.ts";
import { type S3Stub, useS3Stub } from "../s3-stub.ts";

describe("a client whose requester pays", () => {
  let s3: S3Stub;

  useS3Stub((stub) => {
    s3 = stub;
  });

  const upload = (client: S3Stub["client"], bytes: number) =>
    uploadObject({
      s3: client,
      bucket: "videos",
      key: `${bytes}.mp4`,
      source: { buffer: patterned(bytes), name: "clip.mp4" },
      ifExists: "refuse",
      partSizeBytes: 5 * 1024 * 1024,
      signal: new AbortController().signal,
      clock: manualClock(5000),
    });
  const payers = (): unknown[] => s3.calls.map(({ headers }) => headers["x-amz-request-payer"]);

  it("says so in each request of an upload, even when it is removed again", async () => {
    await upload(payingClient(s3.client), 1000);
    await upload(payingClient(s3.client), 6 * 1024 * 1024);
    s3.script = (call) => (call.operation === "UploadPart" ? call.refuse(403, "AccessDenied") : call.proceed());
    await upload(payingClient(s3.client), 7 * 1024 * 1024).catch(() => {});
    deepEqual(
      new Set(s3.operations()),
      new Set([
        ...["HeadObject", "PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"],
        ...["AbortMultipartUpload", "ListParts"],
      ]),
    );
    deepEqual(new Set(payers()), new Set(["requester"]));
  });

  it("leaves the requests of other steps with the same account as they are", async () => {
    const paying = payingClient(s3.client);
    await Promise.all([upload(paying, 1000), upload(s3.client, 2000)]);
    const of = (key: string) => s3.calls.filter((call) => call.key === key).map(({ headers }) => headers);
    deepEqual(new Set(of("1000.mp4").map((headers) => headers["x-amz-request-payer"])), new Set(["requester"]));
    deepEqual(new Set(of("2000.mp4").map((headers) => headers["x-amz-request-payer"])), new Set([undefined]));
    equal(await paying.config.region(), await s3.client.config.region());
  });
});
