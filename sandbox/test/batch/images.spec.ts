import assert from "node:assert/strict";
import { programOf } from "../../src/batch/containers/images.ts";

describe("The images of the sandbox", () => {
  it("are recognized with any registry, tag and digest", () => {
    for (const image of [
      "lightly/worker",
      "docker.io/lightly/worker:2.14",
      `lightly/worker@sha256:${"0".repeat(64)}`,
      "1.dkr.ecr.eu-central-1.amazonaws.com/lightly-worker:1",
    ]) {
      assert.equal(programOf(image), "worker", image);
    }
    assert.equal(programOf("123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/lightly-studio:gpu"), "studio");
    assert.equal(programOf("localhost:5000/busybox"), "shell");
  });

  it("are no others, also with similar names", () => {
    for (const image of ["lightly/worker-2", "notlightly/worker", "nginx", "lightly-studio-gpu", ""]) {
      assert.equal(programOf(image), undefined, image);
    }
  });
});
