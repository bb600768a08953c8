import assert from "node:assert/strict";
import { parseS3Uri, validateBucketName } from "../../../src/services/s3/s3-uri.ts";

const INVALID = { name: "PipelineError", code: "S3_NAME_INVALID" };

describe("parseS3Uri", () => {
  for (const [uri, bucket, prefix] of [
    ["s3://videos", "videos", ""],
    ["s3://videos/", "videos", ""],
    [" s3://videos/raw/2026/ ", "videos", "raw/2026"],
    ["s3://my.videos-1/a b?c#d", "my.videos-1", "a b?c#d"],
  ] as const) {
    it(`reads ${JSON.stringify(uri)}`, () => assert.deepEqual(parseS3Uri(uri), { bucket, prefix }));
  }

  for (const uri of [
    "",
    "videos/raw",
    "https://videos.s3.amazonaws.com/raw",
    "s3://",
    "s3:///raw",
    "s3://Videos/raw",
    "S3://videos",
  ]) {
    it(`refuses ${JSON.stringify(uri)}`, () => assert.throws(() => parseS3Uri(uri), INVALID));
  }
});

describe("validateBucketName", () => {
  for (const name of ["abc", "my-videos", "1.2.3", "a".repeat(63)]) {
    it(`takes ${name}`, () => assert.equal(validateBucketName(` ${name} `), name));
  }

  for (const name of [
    "",
    "ab",
    "a".repeat(64),
    "Videos",
    "my_videos",
    "-videos",
    "videos-",
    "a..b",
    "192.168.0.1",
    "a/b",
    "ä-ö-ü",
  ]) {
    it(`refuses ${JSON.stringify(name)}`, () => assert.throws(() => validateBucketName(name), INVALID));
  }
});
