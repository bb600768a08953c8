import { deepEqual, equal } from "node:assert/strict";
import { isObjectUri, parseS3Uri } from "../../../../src/services/s3/object/parse-uri.ts";

const ACCESS_POINTS = [
  "arn:aws:s3:us-west-2:123456789012:accesspoint/videos",
  "arn:aws:s3:us-west-2:123456789012:accesspoint:videos",
  "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap",
  "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-01ac5d28a6a232904/accesspoint/videos",
];

describe("the URI of an object", () => {
  it("has a bucket, and a key that may contain anything", () => {
    for (const key of ["", "a.mp4", "/a.mp4", "a//b/", "a\nb.mp4", "ü #?%.mp4"]) {
      deepEqual(parseS3Uri(`s3://videos/${key}`), { bucket: "videos", key });
    }
    deepEqual(parseS3Uri("s3://videos"), { bucket: "videos", key: "" });
  });

  it("may have the ARN of an access point in place of the bucket, with the slashes of the ARN", () => {
    for (const bucket of ACCESS_POINTS) {
      deepEqual(parseS3Uri(`s3://${bucket}/raw/a.mp4`), { bucket, key: "raw/a.mp4" });
      deepEqual(parseS3Uri(`s3://${bucket}`), { bucket, key: "" });
    }
  });

  it("is nothing else", () => {
    for (const text of ["", "s3://", "s3:///a.mp4", "S3://videos/a.mp4", "https://videos/a.mp4", "videos/a.mp4"]) {
      equal(parseS3Uri(text), undefined, text);
    }
  });

  it("has a key", () => {
    const [accessPoint] = ACCESS_POINTS;
    const uris = [
      "s3://videos/a.mp4",
      "s3://videos",
      "s3://videos/",
      `s3://${accessPoint}/a.mp4`,
      `s3://${accessPoint}`,
    ];
    deepEqual(uris.map(isObjectUri), [true, false, false, true, false]);
  });
});
