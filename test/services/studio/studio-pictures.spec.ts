import { deepEqual, throws } from "node:assert/strict";
import { runOfManifest } from "../../../src/services/studio/run-location.ts";
import type { StudioManifest } from "../../../src/services/studio/studio-manifest.ts";
import { studioPictures } from "../../../src/services/studio/studio-pictures.ts";

const LOCATION = { output: "s3://bucket/out", runId: "r-1" };
const START = "s3://bucket/out/r-1/frames/";
const manifest = (...uris: string[]) => ({ frames: uris.map((uri) => ({ uri })) }) as unknown as StudioManifest;

describe("the pictures of a manifest", () => {
  it("have the names below the folder of the pictures", () => {
    deepEqual(studioPictures(manifest(`${START}0a/a b-000001-mp4.png`), LOCATION), [
      { bucket: "bucket", key: "out/r-1/frames/0a/a b-000001-mp4.png", fileName: "0a/a b-000001-mp4.png" },
    ]);
  });

  for (const [what, uri] of [
    ["outside of the folder", "s3://bucket/out/r-1/a.png"],
    ["of a run whose id begins alike", "s3://bucket/out/r-12/frames/a.png"],
    ["in another bucket", "s3://other/out/r-1/frames/a.png"],
    ["above the folder", `${START}../../r-2/frames/a.png`],
    ["with a folder of one dot", `${START}./a.png`],
    ["with an empty folder", `${START}/a.png`],
    ["that is the folder", START],
    ["that is no picture", `${START}a.json`],
    ["that is no object", "https://example.com/a.png"],
  ] as const) {
    it(`are none ${what}`, () => {
      throws(() => studioPictures(manifest(uri), LOCATION), { code: "STUDIO_MANIFEST_INVALID" });
    });
  }

  it("are none that occurs twice, since one copy would replace the other", () => {
    throws(() => studioPictures(manifest(`${START}a.png`, `${START}a.png`), LOCATION), /names a picture twice/);
  });
});

describe("the run of a manifest", () => {
  it("follows from its URI", () => {
    deepEqual(runOfManifest("s3://bucket/out/r-1/manifest.json"), LOCATION);
    deepEqual(runOfManifest("s3://bucket/r_1.b/manifest.json"), { output: "s3://bucket", runId: "r_1.b" });
  });

  for (const uri of [
    "",
    "s3://bucket/manifest.json",
    "s3://b/o/../manifest.json",
    "s3://b/o/.r/manifest.json",
    "s3://b/o/r/x.json",
    "https://b/o/r/manifest.json",
    `s3://b/o/${"r".repeat(101)}/manifest.json`,
  ]) {
    it(`is refused for ${JSON.stringify(uri.slice(0, 40))}`, () => {
      throws(() => runOfManifest(uri), { code: "INPUT_INVALID" });
    });
  }
});
