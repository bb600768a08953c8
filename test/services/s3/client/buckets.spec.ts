import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { HeadObjectCommand, S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { bucketKind } from "../../../../src/fields/rules/buckets.ts";
import { prepareS3Client } from "../../../../src/services/s3/client/prepare-client.ts";
import { mapS3Error } from "../../../../src/services/s3/errors/map-s3-error.ts";

const ACCESS_POINT = "arn:aws:s3:us-west-2:123456789012:accesspoint/videos";
const MULTI_REGION = "arn:aws:s3::123456789012:accesspoint:mfzwi23gnjvgw.mrap";
const OUTPOST = "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-01ac5d28a6a232904/accesspoint/videos";
const OBJECT_LAMBDA = "arn:aws:s3-object-lambda:us-west-2:123456789012:accesspoint/videos";

interface Received {
  readonly hostname: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Asks for an object of a bucket, and returns the request that the network would get. */
async function request(bucket: string, config: S3ClientConfig = {}): Promise<Received> {
  const received: Received[] = [];
  const client = prepareS3Client(
    new S3Client({
      region: "eu-central-1",
      credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
      useArnRegion: true,
      requestHandler: {
        handle: async (sent: Received) => {
          received.push(sent);
          // A directory bucket needs a session first.
          const body = sent.path === "/" ? SESSION : "";
          return { response: { statusCode: 200, headers: {}, body: Buffer.from(body) } };
        },
      },
      ...config,
    }),
  );
  await client.send(new HeadObjectCommand({ Bucket: bucket, Key: "a/b.mp4" }));
  const last = received.at(-1);
  if (last === undefined) {
    throw new Error("no request was sent");
  }
  return last;
}

const SESSION =
  "<CreateSessionResult><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>B</SecretAccessKey><SessionToken>C</SessionToken><Expiration>2040-01-01T00:00:00Z</Expiration></Credentials></CreateSessionResult>";

describe("what may stand for a bucket", () => {
  for (const [text, kind] of [
    ["my-videos", "bucket"],
    ["my.videos", "bucket"],
    ["videos-x7k2mqzr4w-s3alias", "bucket"],
    ["lambda-x7k2mqzr4w--ol-s3", "bucket"],
    ["videos-o0x7k2mqzr4w--op-s3", "bucket"],
    ["videos--usw2-az1--x-s3", "bucket"],
    ["videos--usw2-az1--xa-s3", "bucket"],
    [ACCESS_POINT, "accessPoint"],
    ["arn:aws-cn:s3:cn-north-1:123456789012:accesspoint:videos", "accessPoint"],
    [OBJECT_LAMBDA, "accessPoint"],
    [OUTPOST, "accessPoint"],
    [MULTI_REGION, "multiRegion"],
    ["Videos", "legacy"],
    ["my_videos", "legacy"],
    ["tenant:videos", "legacy"],
    ["v".repeat(64), "legacy"],
    ["ab", undefined],
    ["v".repeat(256), undefined],
    ["a..b", undefined],
    ["192.168.0.1", undefined],
    ["-videos", undefined],
    ["videos-", undefined],
    ["my videos", undefined],
    ["a/b", undefined],
    ["s3://videos", undefined],
    ["mfzwi23gnjvgw.mrap", undefined],
    ["xn--videos", undefined],
    ["arn:aws:s3:::videos", undefined],
    ["arn:aws:iam::123456789012:role/lightly", undefined],
    ["arn:aws:s3:us-west-2:123:accesspoint/videos", undefined],
  ] as const) {
    it(`${text.slice(0, 70)}: ${kind ?? "none"}`, () => equal(bucketKind(text), kind));
  }
});

describe("a request to", () => {
  it("an access point goes to its host, in the region of its ARN", async () => {
    const { hostname, headers } = await request(ACCESS_POINT);
    equal(hostname, "videos-123456789012.s3-accesspoint.us-west-2.amazonaws.com");
    match(headers.authorization ?? "", /\/us-west-2\/s3\/aws4_request/);
  });

  it("an Object Lambda access point and an access point on Outposts goes to the host of each", async () => {
    const lambda = await request(OBJECT_LAMBDA);
    equal(lambda.hostname, "videos-123456789012.s3-object-lambda.us-west-2.amazonaws.com");
    match(lambda.headers.authorization ?? "", /\/us-west-2\/s3-object-lambda\/aws4_request/);
    const outpost = await request(OUTPOST);
    equal(outpost.hostname, "videos-123456789012.op-01ac5d28a6a232904.s3-outposts.us-west-2.amazonaws.com");
    match(outpost.headers.authorization ?? "", /s3-outposts\/aws4_request/);
  });

  it("an alias goes to it as to a bucket", async () => {
    const { hostname } = await request("videos-x7k2mqzr4w-s3alias");
    equal(hostname, "videos-x7k2mqzr4w-s3alias.s3.eu-central-1.amazonaws.com");
  });

  it("a directory bucket goes to its zone, with a session", async () => {
    const { hostname, headers } = await request("videos--euc1-az1--x-s3");
    equal(hostname, "videos--euc1-az1--x-s3.s3express-euc1-az1.eu-central-1.amazonaws.com");
    equal(headers["x-amz-s3session-token"], "C");
  });

  it("a multi-region access point is signed for all regions", async () => {
    const { hostname, headers } = await request(MULTI_REGION);
    equal(hostname, "mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com");
    equal(headers["x-amz-region-set"], "*");
    match(headers.authorization ?? "", /^AWS4-ECDSA-P256-SHA256 /);
  });

  for (const bucket of ["My_Videos", "Videos", "v".repeat(80)]) {
    it(`${bucket.slice(0, 10)} is refused by AWS itself, with the reason, and taken where an endpoint is set`, async () => {
      await rejects(request(bucket), (error: unknown) => {
        const mapped = mapS3Error(error, { action: "s3:GetObject", bucket, key: "a/b.mp4" });
        equal(mapped.code, "S3_NAME_INVALID");
        match(mapped.message, /is not the name of a bucket of AWS.*endpoint/);
        return true;
      });
      const endpoint = "https://store.example.com";
      const { hostname, path } = await request(bucket, { endpoint, forcePathStyle: true });
      deepEqual([hostname, path], ["store.example.com", `/${bucket}/a/b.mp4`]);
    });
  }

  it("a bucket of us-east-1 from before 2018 is sent by path to the endpoint of AWS", async () => {
    const { hostname, path } = await request("My_Videos", { endpoint: "https://s3.us-east-1.amazonaws.com" });
    deepEqual([hostname, path], ["s3.us-east-1.amazonaws.com", "/My_Videos/a/b.mp4"]);
  });

  it("an access point says if the account addresses buckets by path", async () => {
    await rejects(
      request(MULTI_REGION, { endpoint: "https://store.example.com", forcePathStyle: true }),
      (error: unknown) => {
        const mapped = mapS3Error(error, { action: "s3:GetObject", bucket: MULTI_REGION, key: "a/b.mp4" });
        equal(mapped.code, "S3_NAME_INVALID");
        match(mapped.message, /Path-style addressing cannot be used with ARN.*path-style addresses/);
        return true;
      },
    );
  });
});
