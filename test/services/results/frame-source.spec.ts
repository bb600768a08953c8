import { deepEqual, equal, throws } from "node:assert/strict";
import type { PipelineError } from "../../../src/errors/pipeline-error.ts";
import { frameSource } from "../../../src/services/results/frame-source.ts";

const RUN = ["s3://videos/raw", "s3://lightly/street/"];

describe("the source of a copied frame", () => {
  it("is the location from Lightly in a datasource of the run", () => {
    for (const [uri, bucket, key] of [
      ["s3://videos/raw/cam/a.png", "videos", "raw/cam/a.png"],
      ["s3://lightly/street/.lightly/frames/cam/a.png", "lightly", "street/.lightly/frames/cam/a.png"],
      ["s3://lightly/street/cam/a.png", "lightly", "street/cam/a.png"],
    ] as const) {
      deepEqual(frameSource({ fileName: "cam/a.png", uri }, RUN), { bucket, key });
    }
    const whole = frameSource({ fileName: "a.png", uri: "s3://videos/a.png" }, ["s3://videos"]);
    deepEqual(whole, { bucket: "videos", key: "a.png" });
  });

  it("does not exist if Lightly names none, or the run has set no datasource", () => {
    equal(frameSource({ fileName: "a.png" }, RUN), undefined);
    equal(frameSource({ fileName: "a.png", uri: "s3://private-payroll/a.png" }, []), undefined);
  });

  const foreign: ReadonlyArray<readonly [string, string, string]> = [
    ["another bucket", "a.png", "s3://private-payroll/a.png"],
    ["another bucket of the same beginning", "a.png", "s3://videos-private/raw/a.png"],
    ["another prefix", "a.png", "s3://videos/other/a.png"],
    ["a prefix of the same beginning", "a.png", "s3://videos/raw-private/a.png"],
    ["the datasource itself", "a.png", "s3://videos/raw"],
    ["an object of another name", "a.png", "s3://videos/raw/b.png"],
    ["an object whose name only ends alike", "a.png", "s3://videos/raw/salaries-a.png"],
    ["an object that is no picture", "payroll.csv", "s3://videos/raw/payroll.csv"],
    ["a folder of dots", "a.png", "s3://videos/raw/../private/a.png"],
    ["a web address", "a.png", "https://videos/raw/a.png"],
    ["a file", "a.png", "file:///etc/a.png"],
    ["another spelling of S3", "a.png", "S3://videos/raw/a.png"],
    ["an access point", "a.png", "s3://arn:aws:s3:eu-central-1:123456789012:accesspoint/videos/raw/a.png"],
  ];
  for (const [what, fileName, uri] of foreign) {
    it(`is refused if it is ${what}`, () => {
      throws(
        () => frameSource({ fileName, uri }, RUN),
        ({ code, details }: PipelineError) => code === "FRAME_SOURCE_REFUSED" && details.frame === fileName,
      );
    });
  }
});
