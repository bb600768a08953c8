import assert from "node:assert/strict";
import { validateBucketName } from "../../../src/services/s3/bucket-name.ts";

const INVALID = { name: "PipelineError", code: "S3_NAME_INVALID" };

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
