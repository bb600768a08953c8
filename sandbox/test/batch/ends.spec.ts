import assert from "node:assert/strict";
import { cancelJob } from "../../src/batch/jobs/end-jobs.ts";
import type { Job } from "../../src/batch/jobs/job.ts";
import { type BatchModel, batchModel } from "./batch-model.ts";

describe("Ending jobs of Batch", () => {
  let batch: BatchModel;
  beforeEach(() => {
    batch = batchModel();
  });
  afterEach(() => batch.core.close());

  const cancel = (job: Job): void => cancelJob(batch.core, job, "enough");
  const endOf = ({ status, statusReason }: Job) => [status, statusReason];

  for (const [name, end] of [
    ["TerminateJob", (job: Job) => batch.terminate(job)],
    ["CancelJob", cancel],
  ] as const) {
    it(`by ${name}: a job that is SUBMITTED or RUNNABLE never runs, and the state follows the response`, async () => {
      const submitted = batch.submit();
      end(submitted);
      assert.equal(submitted.status, "SUBMITTED");
      batch.faults.batchBlocked = "CAPACITY:";
      const runnable = batch.submit();
      await batch.passes();
      assert.deepEqual(endOf(submitted), ["FAILED", "enough"]);
      assert.equal(runnable.status, "RUNNABLE");
      end(runnable);
      batch.faults.batchBlocked = false;
      await batch.passes(3);
      assert.deepEqual(endOf(runnable), ["FAILED", "enough"]);
      assert.equal(batch.started.length, 0);
    });

    it(`by ${name}: a job that is PENDING ends when its dependencies have ended`, async () => {
      const first = batch.submit();
      const second = batch.submit({ dependsOn: [{ jobId: first.jobId }] });
      await batch.passes(3);
      end(second);
      await batch.passes(3);
      assert.equal(second.status, "PENDING");
      await batch.end(first);
      await batch.passes();
      assert.deepEqual(endOf(second), ["FAILED", "enough"]);
    });

    it(`by ${name}: a job that is over stays as it is`, async () => {
      const job = batch.submit();
      await batch.passes(3);
      await batch.end(job);
      end(job);
      await batch.passes();
      assert.deepEqual(
        [...endOf(job), job.isTerminated, job.isCancelled],
        ["SUCCEEDED", "Essential container in task exited", undefined, undefined],
      );
    });
  }

  it("by TerminateJob: a running one gets SIGTERM, then SIGKILL, and is not attempted again", async () => {
    const job = batch.submit({ retryStrategy: { attempts: 5 } });
    await batch.passes(3);
    batch.terminate(job);
    assert.deepEqual([job.status, job.isTerminated], ["RUNNING", true]);
    assert.deepEqual(batch.container(job).signals, ["SIGTERM"]);
    await batch.passes(300);
    assert.deepEqual(batch.container(job).signals, ["SIGTERM", "SIGKILL"]);
    await batch.end(job, 137);
    assert.deepEqual(endOf(job), ["FAILED", "enough"]);
    assert.deepEqual([job.attempts.length, job.attempts[0]?.exitCode], [1, 137]);
  });

  it("by TerminateJob: one that is STARTING never runs", async () => {
    const job = batch.submit();
    await batch.passes(2);
    assert.equal(job.status, "STARTING");
    batch.terminate(job);
    await batch.passes(2);
    assert.deepEqual(endOf(job), ["FAILED", "enough"]);
    assert.equal(batch.started.length, 0);
  });

  it("by CancelJob: a running job goes on, and nothing shows that it was to be canceled", async () => {
    const job = batch.submit();
    await batch.passes(3);
    cancel(job);
    await batch.passes(3);
    assert.deepEqual([job.status, job.isCancelled, batch.container(job).signals], ["RUNNING", undefined, []]);
  });

  it("by TerminateJob of an array: all children end, those that run and those that wait", async () => {
    const array = batch.submit({ arrayProperties: { size: 20 } });
    await batch.passes(3);
    const children = batch.children(array);
    const running = children.filter(({ status }) => status === "RUNNING");
    assert.equal(running.length, 16);
    batch.terminate(array);
    for (const child of running) {
      await batch.end(child, 143);
    }
    await batch.passes(2);
    assert.ok(children.every((child) => child.status === "FAILED" && child.statusReason === "enough"));
    assert.deepEqual([...endOf(array), array.isTerminated], ["FAILED", "enough", true]);
    assert.equal(batch.started.length, 16);
  });

  it("by TerminateJob of one child: the others go on, and the array fails with it", async () => {
    const array = batch.submit({ arrayProperties: { size: 3 } });
    await batch.passes(3);
    const [first, ...others] = batch.children(array);
    assert.ok(first);
    batch.terminate(first);
    await batch.end(first, 143);
    await batch.passes(2);
    assert.equal(array.status, "PENDING");
    for (const child of others) {
      await batch.end(child);
    }
    await batch.passes();
    assert.deepEqual(endOf(array), ["FAILED", "Array Child Job failed"]);
  });
});
