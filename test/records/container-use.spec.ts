import { deepEqual } from "node:assert/strict";
import { containerUses, totalContainerUse, withUse } from "../../src/records/container-use.ts";
import { run, step } from "./a-run.ts";

const ONE = { jobId: "j1", jobs: 4, containerMs: 8000, vcpus: 2, gpus: 1 };
const OTHER = { jobId: "j2", jobs: 1, containerMs: 500, vcpus: 4 };

describe("the containers that a run has used", () => {
  it("are those of all its jobs, also of steps that have failed or were retried", () => {
    const steps = [
      step("lightly-batch-run", 0, 1, { state: "failed", replacedBy: "later", checkpoint: { containerUse: [ONE] } }),
      step("lightly-batch-run", 2, 3, { checkpoint: { jobId: "j2", containerUse: [OTHER] } }),
      step("lightly-s3-upload", 0, 1),
    ];
    deepEqual(containerUses(run(steps)), [ONE, OTHER]);
  });

  it("are added up, with the vCPUs and GPUs of each", () => {
    deepEqual(totalContainerUse([ONE, OTHER]), { jobs: 5, containerMs: 8500, vcpuMs: 18_000, gpuMs: 8000 });
    const { vcpus: _vcpus, ...unknown } = OTHER;
    deepEqual(totalContainerUse([unknown]), { jobs: 1, containerMs: 500 }, "without vCPUs if they are not known");
  });

  it("have each job once", () => {
    const { containerUse } = withUse({ containerUse: [ONE, OTHER] }, { ...ONE, containerMs: 9000 });
    deepEqual(containerUse, [OTHER, { ...ONE, containerMs: 9000 }]);
    deepEqual(withUse({}, ONE), { containerUse: [ONE] });
  });

  it("ignore what is no use of a job", () => {
    for (const containerUse of ["x", {}, [undefined, "x", {}, { ...ONE, containerMs: "8" }, { ...ONE, jobId: 1 }]]) {
      deepEqual(containerUses(run([step("lightly-batch-run", 0, 1, { checkpoint: { containerUse } })])), []);
    }
  });
});
