import assert from "node:assert/strict";
import { containerTime } from "../../../../src/services/batch/job/container-time.ts";
import { readJob } from "../../../../src/services/batch/job/job-report.ts";

describe("The time of the containers of a job", () => {
  const timeOf = (more: object) => {
    const job = readJob({ jobId: "j", jobName: "job", status: "FAILED", ...more } as never);
    assert.ok(job);
    return { ...containerTime(job), vcpus: job.vcpus, gpus: job.gpus };
  };
  const requirements = (...of: [string, string][]) => of.map(([type, value]) => ({ type, value }));

  it("is that of all its attempts, of which the last one also is the job's", () => {
    const attempts = [
      { startedAt: 1000, stoppedAt: 3000, statusReason: "Host EC2 (instance i-1) terminated." },
      { stoppedAt: 5000, statusReason: "Task failed to start" },
      { startedAt: 6000, stoppedAt: 7000 },
    ];
    const { jobs, containerMs } = timeOf({ attempts, startedAt: 6000, stoppedAt: 7000 });
    assert.deepEqual([jobs, containerMs], [1, 3000]);
  });

  it("is that of the job if Batch lists no attempts, and nothing if it has never started", () => {
    assert.equal(timeOf({ startedAt: 1000, stoppedAt: 1500 }).containerMs, 500);
    assert.deepEqual(timeOf({ attempts: [], stoppedAt: 1500 }).jobs, 0);
    assert.equal(timeOf({ startedAt: 2000, stoppedAt: 1500 }).containerMs, 0, "the clock of AWS went back");
  });

  it("comes with the vCPUs and GPUs of its containers, as far as Batch says", () => {
    const resourceRequirements = requirements(["VCPU", "4"], ["MEMORY", "1024"], ["GPU", "1"]);
    const single = timeOf({ container: { resourceRequirements } });
    assert.deepEqual([single.vcpus, single.gpus], [4, 1]);
    const containers = [
      { resourceRequirements: requirements(["VCPU", "0.5"]) },
      { resourceRequirements: requirements(["VCPU", "2"]) },
    ];
    const several = timeOf({ container: {}, ecsProperties: { taskProperties: [{ containers }] } });
    assert.deepEqual([several.vcpus, several.gpus], [2.5, undefined]);
    assert.deepEqual(timeOf({}).vcpus, undefined);
  });
});
