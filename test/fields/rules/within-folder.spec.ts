import { equal } from "node:assert/strict";
import { isWithinFolder } from "../../../src/fields/rules/s3.ts";

describe("a URI of S3 within a folder", () => {
  for (const [uri, folder, expected] of [
    ["s3://data/videos", "s3://data/videos/", true],
    ["s3://data/videos/day/", "s3://data/videos", true],
    ["s3://data/videos", "s3://data", true],
    [" s3://data ", "s3://data/", true],
    ["s3://data/videos-selected", "s3://data/videos", false],
    ["s3://data", "s3://data/videos", false],
    ["s3://other/videos", "s3://data/videos", false],
    ["", "", false],
    ["videos/day", "videos", false],
  ] as const) {
    it(`"${uri}" is ${expected ? "" : "not "}in "${folder}"`, () => equal(isWithinFolder(uri, folder), expected));
  }
});
