import assert from "node:assert/strict";
import { PipelineError } from "../../../src/errors/pipeline-error.ts";
import { readManifest } from "../../../src/services/studio/studio-manifest.ts";
import { studioObjects } from "../../../src/services/studio/studio-request.ts";
import { REQUEST } from "./request.ts";

const FRAME = {
  video: "s3://videos/raw/a.mp4",
  frame: 12,
  seconds: 0.4,
  pts: 12,
  uri: "s3://selected/frames/run-1/frames/0123456789/a-000012-mp4.png",
  distance: null,
};
const MANIFEST = {
  version: 1,
  runId: "run-1",
  dataset: "street",
  counts: { videos: 1, broken: 0, frames: 20, selectedBefore: 0, selected: 1 },
  frames: [FRAME],
  broken: [],
  notes: [],
  software: { "lightly-studio": "1.2.0" },
};

describe("the manifest of a run with LightlyStudio", () => {
  it("is beside the pictures, in the run's folder", () => {
    assert.deepEqual(studioObjects({ output: "s3://selected/frames/", runId: "run-1" }), {
      folder: "s3://selected/frames/run-1",
      progress: "s3://selected/frames/run-1/progress.json",
      manifest: "s3://selected/frames/run-1/manifest.json",
    });
  });

  it("is read with what later versions add", () => {
    assert.deepEqual(readManifest(JSON.stringify(MANIFEST), REQUEST), MANIFEST);
  });

  it("is refused if it is damaged, of another run, or names a picture elsewhere", () => {
    const outside = { ...FRAME, uri: "s3://selected/frames/run-10/a.png" };
    const cases: Array<[unknown, RegExp]> = [
      ["{", /run-1\/manifest\.json/],
      [{ ...MANIFEST, version: 2 }, /version/],
      [{ ...MANIFEST, frames: [{ ...FRAME, distance: "far" }] }, /frames\[0\]\.distance/],
      [{ ...MANIFEST, runId: "run-2" }, /is of the run run-2/],
      [{ ...MANIFEST, frames: [outside] }, /run-10\/a\.png, outside of the run/],
    ];
    for (const [manifest, message] of cases) {
      assert.throws(
        () => readManifest(typeof manifest === "string" ? manifest : JSON.stringify(manifest), REQUEST),
        (error) => {
          assert.ok(error instanceof PipelineError);
          assert.equal(error.code, "STUDIO_MANIFEST_INVALID");
          assert.match(error.message, message);
          return true;
        },
      );
    }
  });
});
