import { deepEqual, equal, match, ok } from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { Agent, createServer as createSecureServer } from "node:https";
import type { AddressInfo, LookupFunction } from "node:net";
import { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import type { UploadObjectOptions } from "../../../../src/services/s3/upload/upload-object.ts";
import { createAuthority } from "../../../support/certificates.ts";
import { patterned } from "../../http/file-server.ts";
import { type Call, type S3Stub, useS3Stub } from "../s3-stub.ts";
import { uploadToStub } from "./upload-to-stub.ts";

const MIB = 1024 * 1024;
const LARGE = patterned(22 * MIB);
const UNSIGNED = "UNSIGNED-PAYLOAD";

describe("the body of an upload", () => {
  let s3: S3Stub;
  useS3Stub((stub) => {
    s3 = stub;
  });

  const upload = (request?: Partial<UploadObjectOptions>) => uploadToStub(s3, LARGE, request);
  const hashes = (): unknown[] => s3.called("UploadPart").map(({ headers }) => headers["x-amz-content-sha256"]);
  const isUnsigned = ({ headers }: Call): boolean => headers["x-amz-content-sha256"] === UNSIGNED;

  it("has a CRC32 and no SHA-256 on its way to this machine", async () => {
    await upload();
    deepEqual(new Set(hashes()), new Set([UNSIGNED]));
    ok(s3.called("UploadPart").every(({ headers }) => /^[\w+/]{6}==$/.test(String(headers["x-amz-checksum-crc32"]))));
    ok(LARGE.equals(s3.objects.get("clip.mp4")?.bytes ?? Buffer.alloc(0)));
  });

  it("is signed over plain http to another machine", async () => {
    // The connection goes to the stub, whose name is that of another host.
    const { requestHandler: toStub } = s3.client.config;
    const { port } = new URL(s3.url);
    const requestHandler = {
      ...toStub,
      handle: (...[request, options]: Parameters<typeof toStub.handle>) =>
        toStub.handle(Object.assign(request, { hostname: "127.0.0.1", port: Number(port) }), options),
    };
    s3.reopen({ endpoint: "http://store.example.com:9000", requestHandler });
    await upload();
    equal(s3.called("UploadPart").length, 5);
    ok(
      hashes().every((hash) => /^[0-9a-f]{64}$/.test(String(hash))),
      hashes().join(),
    );
    equal(s3.called("UploadPart")[0]?.headers.host, "store.example.com:9000");
  });

  it("is signed, and has no checksum, for a store without checksums", async () => {
    s3.reopen({ requestChecksumCalculation: "WHEN_REQUIRED" });
    await upload();
    ok(
      hashes().every((hash) => /^[0-9a-f]{64}$/.test(String(hash))),
      hashes().join(),
    );
    ok(s3.called("UploadPart").every(({ headers }) => headers["x-amz-checksum-crc32"] === undefined));
  });

  it("is unsigned over https, where a broken connection is tried again", async () => {
    const authority = await createAuthority("Store CA");
    const secure = createSecureServer(await authority.issue(["store.example.com"]), s3.answer);
    secure.listen(0, "127.0.0.1");
    await once(secure, "listening");
    const { port } = secure.address() as AddressInfo;
    const httpsAgent = new Agent({ ca: authority.cert, lookup: resolveHere, keepAlive: true });
    s3.reopen({ endpoint: `https://store.example.com:${port}`, requestHandler: { httpsAgent } });
    let resets = 1;
    s3.script = (call) => {
      if (call.operation === "UploadPart" && resets > 0) {
        resets -= 1;
        call.message.socket.destroy();
      } else {
        call.proceed();
      }
    };
    try {
      await upload();
      deepEqual(new Set(hashes()), new Set([UNSIGNED]));
      equal(s3.called("UploadPart").length, 6);
      ok(LARGE.equals(s3.objects.get("clip.mp4")?.bytes ?? Buffer.alloc(0)));
    } finally {
      s3.client.destroy();
      secure.closeAllConnections();
      secure.close();
    }
  });

  for (const [who, status, code, message] of [
    ["the policy of a bucket", 403, "AccessDenied", "Access Denied"],
    ["a store that hashes each body", 400, "XAmzContentSHA256Mismatch", "The hash does not match."],
    ["a store that does not know the word", 400, "InvalidArgument", "x-amz-content-sha256 must be a SHA-256"],
  ] as const) {
    it(`is sent again and signed if ${who} refuses it, and signed from then on`, async () => {
      s3.script = (call) =>
        call.operation === "UploadPart" && isUnsigned(call) ? call.refuse(status, code, { message }) : call.proceed();
      await upload();
      ok(LARGE.equals(s3.objects.get("clip.mp4")?.bytes ?? Buffer.alloc(0)));
      const unsigned = s3.called("UploadPart").filter(isUnsigned).length;
      ok(unsigned >= 1 && unsigned < 5, `${unsigned} were unsigned`);
      s3.calls.length = 0;
      await upload();
      equal(s3.called("UploadPart").filter(isUnsigned).length, 0);
    });
  }

  it("is refused with the error of the signed request, after one more attempt", async () => {
    s3.script = (call) => (call.operation === "PutObject" ? call.refuse(403, "AccessDenied") : call.proceed());
    const source = { buffer: patterned(1000), name: "clip.mp4" };
    const error = await upload({ source }).catch((caught: unknown) => caught);
    ok(error instanceof PipelineError);
    equal(error.code, "S3_ACCESS_DENIED");
    deepEqual(s3.called("PutObject").map(isUnsigned), [true, false]);
  });

  it("that arrives damaged is refused by its CRC32", async () => {
    s3.script = (call) =>
      call.operation === "UploadPart" && call.query.get("partNumber") === "2"
        ? call.refuse(400, "BadDigest")
        : call.proceed();
    const error = await upload().catch((caught: unknown) => caught);
    ok(error instanceof PipelineError);
    equal(error.code, "S3_CHECKSUM_MISMATCH");
    equal(s3.called("UploadPart").filter(({ query }) => query.get("partNumber") === "2").length, 1);
    equal(s3.uploads.size, 0);
  });

  it("is sent without a question to a gateway that does not support it", async () => {
    const gateway = createServer(s3.answer);
    gateway.on("checkContinue", (_request, response) => response.writeHead(417, { connection: "close" }).end());
    gateway.listen(0, "127.0.0.1");
    await once(gateway, "listening");
    s3.reopen({ endpoint: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`, maxAttempts: 1 });
    try {
      await upload();
      ok(LARGE.equals(s3.objects.get("clip.mp4")?.bytes ?? Buffer.alloc(0)));
    } finally {
      gateway.closeAllConnections();
      gateway.close();
    }
  });

  it("asks for permission until the bucket has taken one, and then uses its connections again", async () => {
    await upload();
    match(String(s3.called("UploadPart")[0]?.headers.expect), /100-continue/);
    const last = s3.called("UploadPart").at(-1);
    equal(last?.headers.expect, undefined);
    s3.calls.length = 0;
    await upload();
    ok(s3.called("UploadPart").every(({ headers }) => headers.expect === undefined));
    const ports = new Set(s3.called("UploadPart").map(({ port }) => port));
    ok(ports.size <= 3, `${ports.size} connections`);
  });
});

const resolveHere: LookupFunction = (_host, { all }, found) =>
  all ? found(null, [{ address: "127.0.0.1", family: 4 }]) : found(null, "127.0.0.1", 4);
