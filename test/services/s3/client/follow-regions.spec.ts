import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { newlyFollowed } from "../../../../src/services/s3/client/follow-regions.ts";
import { prepareS3Client } from "../../../../src/services/s3/client/prepare-client.ts";
import { mapS3Error } from "../../../../src/services/s3/errors/map-s3-error.ts";
import { type Call, type Refusal, type S3Stub, useS3Stub } from "../s3-stub.ts";

const REGION = "ap-southeast-2";

/** The region that a request is signed for. */
function regionOf({ headers }: Pick<Call, "headers">): string {
  return /Credential=[^/]*\/\d+\/([^/]+)\//.exec(headers.authorization ?? "")?.[1] ?? "";
}

/** How S3, and stores that imitate it, refuse a request in the wrong region. */
const REFUSALS: readonly (readonly [what: string, status: number, code: string, more: Refusal])[] = [
  ["301 with the region in a header", 301, "PermanentRedirect", { headers: { "x-amz-bucket-region": REGION } }],
  [
    "301 with an endpoint alone",
    301,
    "PermanentRedirect",
    { elements: { Endpoint: `videos.s3.${REGION}.amazonaws.com` } },
  ],
  [
    "301 with an endpoint in the old form",
    301,
    "PermanentRedirect",
    { elements: { Endpoint: `videos.s3-${REGION}.amazonaws.com` } },
  ],
  ["307", 307, "TemporaryRedirect", { headers: { "x-amz-bucket-region": REGION } }],
  [
    "400 with the region in an element",
    400,
    "AuthorizationHeaderMalformed",
    { message: "The authorization header is malformed.", elements: { Region: REGION } },
  ],
  [
    "400 with the region in the text",
    400,
    "AuthorizationHeaderMalformed",
    {
      message: `The authorization header is malformed; the region 'eu-central-1' is wrong; expecting '${REGION}'`,
    },
  ],
  [
    "400 of another region's endpoint",
    400,
    "IllegalLocationConstraintException",
    {
      message: `The ${REGION} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    },
  ],
];

describe("a bucket in another region", () => {
  let s3: S3Stub;

  useS3Stub((stub) => {
    s3 = stub;
  });

  const put = (key: string) => new PutObjectCommand({ Bucket: "videos", Key: key, Body: Buffer.from("bytes") });

  for (const [what, status, code, more] of REFUSALS) {
    it(`is followed after ${what}`, async () => {
      s3.script = (call) => (regionOf(call) === REGION ? call.proceed() : call.refuse(status, code, more));
      await s3.client.send(put("a"));
      deepEqual(s3.calls.map(regionOf), ["eu-central-1", REGION]);
      equal(s3.objects.get("a")?.bytes.toString(), "bytes");
    });
  }

  it("is followed to us-east-1 by an endpoint without a region", async () => {
    const Endpoint = "videos.s3.amazonaws.com";
    s3.script = (call) =>
      regionOf(call) === "us-east-1"
        ? call.proceed()
        : call.refuse(301, "PermanentRedirect", { elements: { Endpoint } });
    await s3.client.send(put("a"));
    deepEqual(s3.calls.map(regionOf), ["eu-central-1", "us-east-1"]);
  });

  for (const status of [301, 400]) {
    it(`is followed after a response ${status} to HEAD, which has no body`, async () => {
      s3.script = (call) =>
        regionOf(call) === REGION
          ? call.proceed()
          : call.refuse(status, "none", { headers: { "x-amz-bucket-region": REGION } });
      s3.objects.set("a", { bytes: Buffer.from("bytes"), etag: "1", headers: {} });
      const { ContentLength } = await s3.client.send(new HeadObjectCommand({ Bucket: "videos", Key: "a" }));
      equal(ContentLength, 5);
    });
  }

  it("is followed to the host of its region", async () => {
    const hosts: string[] = [];
    const client = prepareS3Client(
      new S3Client({
        region: "eu-central-1",
        credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
        requestHandler: {
          handle: async ({ hostname }: { readonly hostname: string }) => {
            hosts.push(hostname);
            const headers = { "x-amz-bucket-region": REGION };
            return { response: { statusCode: hosts.length === 1 ? 301 : 200, headers, body: Buffer.from("") } };
          },
        },
      }),
    );
    await client.send(new HeadObjectCommand({ Bucket: "videos", Key: "a" }));
    deepEqual(hosts, ["videos.s3.eu-central-1.amazonaws.com", `videos.s3.${REGION}.amazonaws.com`]);
  });

  it("is remembered, and reported once", async () => {
    s3.script = (call) =>
      regionOf(call) === REGION
        ? call.proceed()
        : call.refuse(301, "PermanentRedirect", { headers: { "x-amz-bucket-region": REGION } });
    await s3.client.send(put("a"));
    await s3.client.send(put("b"));
    deepEqual(s3.calls.map(regionOf), ["eu-central-1", REGION, REGION]);
    deepEqual(
      [newlyFollowed(s3.client, "videos"), newlyFollowed(s3.client, "videos"), newlyFollowed(s3.client, "others")],
      [REGION, undefined, undefined],
    );
  });

  it("leaves other buckets of the client where they are, also at the same time", async () => {
    s3.script = (call) => {
      const isAtHome = call.message.url?.startsWith("/home/") === true;
      setImmediate(() =>
        isAtHome || regionOf(call) === REGION
          ? call.proceed()
          : call.refuse(301, "PermanentRedirect", { headers: { "x-amz-bucket-region": REGION } }),
      );
    };
    const keys = Array.from({ length: 8 }, (_, index) => `key ${index}`);
    await Promise.all(
      keys.flatMap((key) => [
        s3.client.send(put(key)),
        s3.client.send(new PutObjectCommand({ Bucket: "home", Key: `home ${key}`, Body: Buffer.from("bytes") })),
      ]),
    );
    equal(s3.objects.size, 16);
    const atHome = s3.calls.filter(({ message }) => message.url?.startsWith("/home/"));
    deepEqual(new Set(atHome.map(regionOf)), new Set(["eu-central-1"]));
    equal(await s3.client.config.region(), "eu-central-1");
  });

  it("that is refused there too is not requested repeatedly", async () => {
    s3.script = (call) =>
      call.refuse(301, "PermanentRedirect", { headers: { "x-amz-bucket-region": REGION }, message: "elsewhere" });
    await rejects(s3.client.send(put("a")), (error: unknown) => {
      const mapped = mapS3Error(error, { action: "s3:PutObject", bucket: "videos", key: "a" });
      equal(mapped.code, "S3_BUCKET_WRONG_REGION");
      match(mapped.message, new RegExp(`${REGION}.*does not serve it either`));
      return true;
    });
    equal(s3.calls.length, 2);
  });

  it("whose refusal names no valid region is an error", async () => {
    const answers: readonly Readonly<Record<string, string>>[] = [
      {},
      { Region: "evil.example.com/" },
      { Endpoint: "evil.example.com/" },
    ];
    for (const elements of answers) {
      s3.calls.length = 0;
      s3.script = (call) => call.refuse(301, "PermanentRedirect", { elements });
      await rejects(s3.client.send(put("a")), (error: unknown) => {
        const mapped = mapS3Error(error, { action: "s3:PutObject", bucket: "videos", key: "a" });
        equal(mapped.code, "S3_BUCKET_WRONG_REGION");
        match(mapped.message, /in another region/);
        return true;
      });
      equal(s3.calls.length, 1);
    }
  });

  it("of a store that is not AWS names the endpoint that the store names", async () => {
    for (const Endpoint of ["s3.ap-northeast-1.example.com", "videos.s3.ap-northeast-1.example.com"]) {
      s3.script = (call) => call.refuse(301, "PermanentRedirect", { elements: { Endpoint } });
      await rejects(s3.client.send(put("a")), (error: unknown) => {
        const mapped = mapS3Error(error, { action: "s3:PutObject", bucket: "videos", key: "a" });
        equal(mapped.code, "S3_BUCKET_WRONG_REGION");
        match(mapped.message, /serves the bucket "videos" at the endpoint s3\.ap-northeast-1\.example\.com\. /);
        return true;
      });
    }
  });

  it("is followed for lists as well", async () => {
    s3.script = (call) =>
      regionOf(call) === REGION
        ? call.response.end("<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>")
        : call.refuse(301, "PermanentRedirect", { headers: { "x-amz-bucket-region": REGION } });
    const { KeyCount } = await s3.client.send(new ListObjectsV2Command({ Bucket: "videos" }));
    equal(KeyCount, 0);
  });
});
