import assert from "node:assert/strict";
import { bucketArn, objectsArn, validateBucketName } from "../../../src/services/s3/bucket-name.ts";

const INVALID = { name: "PipelineError", code: "S3_NAME_INVALID" };
const ACCESS_POINT = "arn:aws:s3:us-west-2:123456789012:accesspoint/videos";

describe("validateBucketName", () => {
  // What is a bucket, and which client takes it, is tested in client/buckets.spec.ts.
  for (const name of ["my-videos", "My_Videos", "videos-x7k2mqzr4w-s3alias", ACCESS_POINT]) {
    it(`takes ${name}`, () => assert.equal(validateBucketName(` ${name} `), name));
  }

  for (const name of ["", "ab", "-videos", "videos-", "a..b", "192.168.0.1", "a/b", "s3://videos", "ä-ö-ü"]) {
    it(`refuses ${JSON.stringify(name)}`, () => assert.throws(() => validateBucketName(name), INVALID));
  }
});

describe("the ARN that a policy names", () => {
  it("is that of the bucket, or of the objects below a prefix", () => {
    assert.equal(bucketArn("videos"), "arn:aws:s3:::videos");
    assert.equal(objectsArn("videos", "raw"), "arn:aws:s3:::videos/raw/*");
    assert.equal(objectsArn("videos", ""), "arn:aws:s3:::videos/*");
  });

  it("is that of the access point", () => {
    assert.equal(bucketArn(ACCESS_POINT), ACCESS_POINT);
    assert.equal(objectsArn(ACCESS_POINT, "raw"), `${ACCESS_POINT}/object/raw/*`);
  });
});
