import assert from "node:assert/strict";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketLocationCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { checkBucketName } from "../../src/s3/names.ts";
import { fault, type RunningAws, startAws } from "../aws/aws-server.ts";
import { codeOf, send } from "../aws/raw-request.ts";

describe("sandbox s3: buckets", () => {
  let aws: RunningAws;
  let s3: S3Client;
  before(async () => {
    aws = await startAws();
    s3 = aws.s3();
  });
  after(() => aws.close());

  it("creates, lists, finds and deletes a bucket", async () => {
    await s3.send(new CreateBucketCommand({ Bucket: "one" }));
    const { Buckets } = await s3.send(new ListBucketsCommand({}));
    assert.equal(Buckets?.[0]?.Name, "one");
    assert.ok(Buckets[0]?.CreationDate);
    const head = await s3.send(new HeadBucketCommand({ Bucket: "one" }));
    assert.equal(head.BucketRegion, "eu-central-1");
    const { LocationConstraint } = await s3.send(new GetBucketLocationCommand({ Bucket: "one" }));
    assert.equal(LocationConstraint, "eu-central-1");
    await s3.send(new DeleteBucketCommand({ Bucket: "one" }));
    await assert.rejects(s3.send(new HeadBucketCommand({ Bucket: "one" })), fault("NotFound", 404));
  });

  it("refuses to create an existing bucket, to delete one with objects, and an unknown one", async () => {
    await s3.send(new CreateBucketCommand({ Bucket: "full" }));
    await assert.rejects(s3.send(new CreateBucketCommand({ Bucket: "full" })), fault("BucketAlreadyOwnedByYou", 409));
    await s3.send(new PutObjectCommand({ Bucket: "full", Key: "k", Body: "x" }));
    await assert.rejects(s3.send(new DeleteBucketCommand({ Bucket: "full" })), fault("BucketNotEmpty", 409));
    await s3.send(new DeleteObjectCommand({ Bucket: "full", Key: "k" }));
    await s3.send(new DeleteBucketCommand({ Bucket: "full" }));
    await assert.rejects(s3.send(new ListObjectsV2Command({ Bucket: "full" })), fault("NoSuchBucket", 404));
    const put = new PutObjectCommand({ Bucket: "full", Key: "k", Body: "x" });
    await assert.rejects(s3.send(put), fault("NoSuchBucket", 404));
  });

  it("requires its own region as the location", async () => {
    const create = (body: string) => send(aws.endpoint, { method: "PUT", path: "/elsewhere/", body });
    const configuration = (region: string) =>
      `<CreateBucketConfiguration><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`;
    assert.equal(codeOf(await create(configuration("us-west-2"))), "IllegalLocationConstraintException");
    assert.equal(codeOf(await create("")), "IllegalLocationConstraintException");
    assert.equal(codeOf(await create("<CreateBucketConfiguration>")), "MalformedXML");
    assert.equal((await create(configuration("eu-central-1"))).status, 200);
  });

  it("refuses names that S3 refuses", async () => {
    const invalid = [
      "INVALID BUCKET!!",
      "ab",
      "a".repeat(64),
      "Upper",
      "a..b",
      "-a-",
      "a_b",
      "10.0.0.1",
      "xn--abc",
      "a-s3alias",
    ];
    for (const name of invalid) {
      assert.throws(() => checkBucketName(name), { code: "InvalidBucketName", status: 400 }, name);
    }
    for (const name of ["abc", "lightly-input", "a.b.c", "1bucket", "a".repeat(63)]) {
      assert.doesNotThrow(() => checkBucketName(name), name);
    }
    const answer = await send(aws.endpoint, { method: "PUT", path: "/INVALID%20BUCKET!!/" });
    assert.deepEqual([codeOf(answer), answer.status], ["InvalidBucketName", 400]);
    assert.equal(
      codeOf(await send(aws.endpoint, { method: "PUT", path: "/INVALID%20BUCKET!!/key" })),
      "InvalidBucketName",
    );
  });

  it("redirects requests to a bucket of another region, and serves it in its own", async () => {
    const elsewhere = (region: string) => ({ path: "/far-away/", region });
    const place =
      "<CreateBucketConfiguration><LocationConstraint>us-west-2</LocationConstraint></CreateBucketConfiguration>";
    const created = await send(aws.endpoint, { ...elsewhere("us-west-2"), method: "PUT", body: Buffer.from(place) });
    assert.equal(created.status, 200);
    const answer = await send(aws.endpoint, elsewhere("eu-central-1"));
    assert.deepEqual([answer.status, codeOf(answer)], [301, "PermanentRedirect"]);
    assert.equal(answer.headers["x-amz-bucket-region"], "us-west-2");
    assert.match(answer.body, /<Endpoint>far-away\.s3\.us-west-2\.amazonaws\.com<\/Endpoint>/);
    const head = await send(aws.endpoint, { ...elsewhere("eu-central-1"), method: "HEAD" });
    assert.deepEqual([head.status, head.headers["x-amz-bucket-region"]], [301, "us-west-2"]);
    assert.equal((await send(aws.endpoint, elsewhere("us-west-2"))).status, 200);
    const wrong = await send(aws.endpoint, elsewhere("us-east-1"));
    assert.deepEqual([wrong.status, codeOf(wrong)], [400, "AuthorizationHeaderMalformed"]);
    assert.match(wrong.body, /<Region>us-west-2<\/Region>/);
  });

  it("serves a bucket by the alias of an access point, and creates none with such a name", async () => {
    const alias = (name: string, method = "HEAD") => send(aws.endpoint, { path: `/${name}/`, method });
    assert.equal((await alias("aliased", "PUT")).status, 400);
    const place =
      "<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>";
    await send(aws.endpoint, { path: "/aliased/", method: "PUT", body: Buffer.from(place) });
    const found = await alias("aliased-x7k2mqzr4w-s3alias");
    assert.deepEqual([found.status, found.headers["x-amz-access-point-alias"]], [200, "true"]);
    assert.equal(codeOf(await alias("aliased-x7k2mqzr4w-s3alias", "PUT")), "InvalidBucketName");
  });

  it("charges a requester who says so", async () => {
    const answer = await send(aws.endpoint, { path: "/any/", headers: { "x-amz-request-payer": "requester" } });
    assert.equal(answer.headers["x-amz-request-charged"], "requester");
    assert.equal((await send(aws.endpoint, { path: "/any/" })).headers["x-amz-request-charged"], undefined);
  });

  it("returns the right region for a request with another region", async () => {
    const answer = await send(aws.endpoint, { path: "/any/", region: "us-east-1" });
    assert.equal(answer.headers["x-amz-bucket-region"], "eu-central-1");
    assert.match(answer.body, /<Region>eu-central-1<\/Region>/);
  });
});
