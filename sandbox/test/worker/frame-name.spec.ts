import assert from "node:assert/strict";
import { frameIndexOf, frameName } from "../../src/worker/frame-name.ts";

describe("The name of a frame", () => {
  it("pads the index to the digits of the frame count and keeps the folder", () => {
    assert.equal(frameName("my_video.mp4", 153, 300), "my_video-153-mp4.png");
    assert.equal(frameName("cam/front/a.mov", 7, 1000), "cam/front/a-0007-mov.png");
    assert.equal(frameName("a.mp4", 0, 9), "a-0-mp4.png");
    assert.equal(frameName("a.mp4", 0, 10), "a-00-mp4.png");
    assert.equal(frameName("v1.2.final.mp4", 3, 12), "v1.2.final-03-mp4.png");
  });

  it("contains the index, which is 0 for a photo", () => {
    assert.deepEqual(["cam/a-0007-mov.png", "a-3-4-12-mp4.png", "photo-1.jpg"].map(frameIndexOf), [7, 12, 0]);
  });
});
