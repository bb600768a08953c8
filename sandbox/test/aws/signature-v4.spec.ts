import assert from "node:assert/strict";
import { decodeChunks } from "../../src/aws/chunked-payload.ts";
import { presignUrl } from "../../src/aws/presign-url.ts";
import { canonicalPath, scopeText, sha256Hex, signingKey, signRequest } from "../../src/aws/signature-v4.ts";

// The examples of AWS's own documentation of Signature Version 4 for S3.
const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const SCOPE = { day: "20130524", region: "us-east-1", service: "s3" };
const DATE = "20130524T000000Z";
const KEY = signingKey(SECRET, SCOPE);
const EMPTY = sha256Hex("");

describe("sandbox aws: signature version 4", () => {
  it("signs AWS's GET example as AWS does", () => {
    const signature = signRequest(KEY, DATE, SCOPE, {
      method: "GET",
      path: "/test.txt",
      query: [],
      headers: [
        ["host", "examplebucket.s3.amazonaws.com"],
        ["range", "bytes=0-9"],
        ["x-amz-content-sha256", EMPTY],
        ["x-amz-date", DATE],
      ],
      payloadHash: EMPTY,
    });
    assert.equal(signature, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  });

  it("signs AWS's PUT example, with a character in the path that must be encoded", () => {
    const payloadHash = sha256Hex("Welcome to Amazon S3.");
    const signature = signRequest(KEY, DATE, SCOPE, {
      method: "PUT",
      path: canonicalPath("/test$file.text", "s3"),
      query: [],
      headers: [
        ["x-amz-storage-class", "REDUCED_REDUNDANCY"],
        ["date", "Fri, 24 May 2013 00:00:00 GMT"],
        ["host", "examplebucket.s3.amazonaws.com"],
        ["x-amz-date", DATE],
        ["x-amz-content-sha256", payloadHash],
      ],
      payloadHash,
    });
    assert.equal(signature, "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
  });

  it("signs AWS's listing example, with query parameters", () => {
    const signature = signRequest(KEY, DATE, SCOPE, {
      method: "GET",
      path: "/",
      query: [
        ["prefix", "J"],
        ["max-keys", "2"],
      ],
      headers: [
        ["host", "examplebucket.s3.amazonaws.com"],
        ["x-amz-content-sha256", EMPTY],
        ["x-amz-date", DATE],
      ],
      payloadHash: EMPTY,
    });
    assert.equal(signature, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
  });

  it("encodes a path once for S3 and twice for the others", () => {
    assert.equal(canonicalPath("/b/a%20b+c%2Fd/../(x)", "s3"), "/b/a%20b%2Bc%2Fd/../%28x%29");
    assert.equal(canonicalPath("/a%20b", "ec2"), "/a%2520b");
  });

  it("creates presigned URLs whose key is encoded segment by segment", () => {
    const url = presignUrl({
      credentials: { accessKeyId: "AKIA", secretAccessKey: SECRET },
      region: "eu-central-1",
      endpoint: "http://127.0.0.1:1",
      method: "GET",
      bucket: "b",
      key: "a b/ü&?.png",
      expiresSeconds: 60,
      now: new Date("2026-01-02T03:04:05Z"),
    });
    assert.ok(url.startsWith("http://127.0.0.1:1/b/a%20b/%C3%BC%26%3F.png?X-Amz-Algorithm=AWS4-HMAC-SHA256&"));
    assert.match(url, /X-Amz-Date=20260102T030405Z&X-Amz-Expires=60&/);
  });
});

describe("sandbox aws: chunked bodies", () => {
  const chunks = (signatures: readonly [string, string, string], end: string) => [
    `10000;chunk-signature=${signatures[0]}\r\n${"a".repeat(65536)}\r\n`,
    `400;chunk-signature=${signatures[1]}\r\n${"a".repeat(1024)}\r\n`,
    `0;chunk-signature=${signatures[2]}\r\n${end}`,
  ];
  const signer = (seed: string) => ({ key: KEY, date: DATE, scope: scopeText(SCOPE), seed });
  const EXAMPLE = chunks(
    [
      "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
      "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
      "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
    ],
    "\r\n",
  ).join("");
  const WITH_TRAILER = chunks(
    [
      "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
      "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
      "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
    ],
    "x-amz-checksum-crc32c:sOO8/Q==\r\n" +
      "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n",
  ).join("");

  /** Sends a body in pieces of a size, like a network. */
  async function* inPieces(body: string, size: number): AsyncGenerator<Buffer> {
    for (let at = 0; at < body.length; at += size) {
      yield Buffer.from(body.slice(at, at + size), "latin1");
    }
  }

  async function decode(
    body: string,
    options: { seed?: string; trailer?: boolean; signed?: boolean; piece?: number; length?: number },
  ) {
    const { seed = "", trailer = false, signed = true, piece = 1000, length = 66560 } = options;
    const trailers = new Map<string, string>();
    const decoded: Buffer[] = [];
    for await (const chunk of decodeChunks(inPieces(body, piece), {
      signed,
      trailer,
      length,
      trailers,
      signer: signer(seed),
    })) {
      decoded.push(chunk);
    }
    return { text: Buffer.concat(decoded).toString("latin1"), trailers };
  }
  const SEED = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
  const TRAILER_SEED = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";

  for (const piece of [1, 7, 1000, 65_536, 1_000_000]) {
    it(`unwraps AWS's signed example that arrives in pieces of ${piece} bytes`, async () => {
      const { text } = await decode(EXAMPLE, { seed: SEED, piece });
      assert.equal(text, "a".repeat(66560));
    });
  }

  it("verifies the signature of AWS's signed trailer, and returns the checksum", async () => {
    const { trailers } = await decode(WITH_TRAILER, { seed: TRAILER_SEED, trailer: true });
    assert.equal(trailers.get("x-amz-checksum-crc32c"), "sOO8/Q==");
  });

  it("refuses a chunk, a trailer and an end that was changed or removed", async () => {
    const changed = { code: "SignatureDoesNotMatch", status: 403 };
    await assert.rejects(decode(EXAMPLE.replace("aaa\r\n400", "aab\r\n400"), { seed: SEED }), changed);
    await assert.rejects(decode(EXAMPLE, { seed: TRAILER_SEED }), changed);
    const trailer = WITH_TRAILER.replace("sOO8", "sOO9");
    await assert.rejects(decode(trailer, { seed: TRAILER_SEED, trailer: true }), changed);
    const cut = WITH_TRAILER.replace(/x-amz-trailer-signature.*\r\n/, "");
    await assert.rejects(decode(cut, { seed: TRAILER_SEED, trailer: true }), changed);
  });

  it("refuses truncated, overlong and invalid framing", async () => {
    const incomplete = { code: "IncompleteBody", status: 400 };
    const unsigned = { signed: false, length: 3 };
    await assert.rejects(decode("3\r\nab", unsigned), incomplete);
    await assert.rejects(decode("3\r\nabc\r\n", unsigned), incomplete);
    await assert.rejects(decode("3\r\nabcd\r\n0\r\n\r\n", unsigned), incomplete);
    await assert.rejects(decode("abc", unsigned), incomplete);
    await assert.rejects(decode("zz\r\nabc\r\n0\r\n\r\n", unsigned), incomplete);
    await assert.rejects(decode("2\r\nab\r\n0\r\n\r\n", unsigned), incomplete);
    await assert.rejects(decode(`${"1".repeat(20_000)}\r\n`, unsigned), incomplete);
    assert.equal((await decode("3\r\nabc\r\n0\r\n\r\n", unsigned)).text, "abc");
    assert.equal((await decode("3\r\nabc\r\n0\r\n", unsigned)).text, "abc");
  });
});
