import assert from "node:assert/strict";
import { type BatchModel, batchModel } from "./batch-model.ts";

describe("Arrays and dependencies of Batch", () => {
  let batch: BatchModel;
  beforeEach(() => {
    batch = batchModel();
  });
  afterEach(() => batch.core.close());

  const states = (jobs: readonly { readonly status: string }[]) => jobs.map(({ status }) => status);

  it("an array has a child for each index, and stays PENDING until all are over", async () => {
    const array = batch.submit({ arrayProperties: { size: 3 } });
    await batch.passes(3);
    const children = batch.children(array);
    assert.deepEqual(
      children.map(({ jobId, index }) => [jobId, index]),
      [0, 1, 2].map((index) => [`${array.jobId}:${index}`, index]),
    );
    assert.deepEqual(
      batch.started.map(({ environment }) => environment.AWS_BATCH_JOB_ARRAY_INDEX),
      ["0", "1", "2"],
    );
    assert.equal(array.status, "PENDING");
    for (const child of children) {
      assert.equal(array.status, "PENDING");
      await batch.end(child);
    }
    await batch.passes();
    assert.deepEqual([array.status, array.attempts, array.statusReason], ["SUCCEEDED", [], undefined]);
    assert.deepEqual(batch.core.book.statusSummary(array.jobId), {
      ...{ SUBMITTED: 0, PENDING: 0, RUNNABLE: 0, STARTING: 0, RUNNING: 0, SUCCEEDED: 3, FAILED: 0 },
    });
  });

  it("each child of an array has its own attempts", async () => {
    const array = batch.submit({ arrayProperties: { size: 2 }, retryStrategy: { attempts: 2 } });
    await batch.passes(3);
    const [first, second] = batch.children(array);
    assert.ok(first && second);
    await batch.end(first, 1);
    await batch.end(second);
    await batch.passes(3);
    await batch.end(first);
    await batch.passes();
    assert.deepEqual([array.status, first.attempts.length, second.attempts.length], ["SUCCEEDED", 2, 1]);
  });

  it("a job waits for the jobs that it depends on", async () => {
    const first = batch.submit();
    const second = batch.submit();
    const third = batch.submit({ dependsOn: [{ jobId: first.jobId }, { jobId: second.jobId, type: undefined }] });
    await batch.passes(3);
    await batch.end(first);
    await batch.passes(3);
    assert.equal(third.status, "PENDING");
    await batch.end(second);
    await batch.passes(4);
    assert.equal(third.status, "RUNNING");
  });

  it("a job fails with a job that it depends on", async () => {
    const array = batch.submit({ arrayProperties: { size: 2 } });
    const after = batch.submit({ dependsOn: [{ jobId: array.jobId }] });
    const last = batch.submit({ dependsOn: [{ jobId: after.jobId }] });
    await batch.passes(3);
    const [first, second] = batch.children(array);
    assert.ok(first && second);
    await batch.end(first, 1);
    await batch.passes(2);
    assert.equal(after.status, "PENDING", "the array is not over yet");
    await batch.end(second);
    await batch.passes(3);
    assert.deepEqual(states([array, after, last]), ["FAILED", "FAILED", "FAILED"]);
    assert.equal(last.statusReason, "Dependent Job failed");
  });

  it("children run one after the other with SEQUENTIAL", async () => {
    const array = batch.submit({ arrayProperties: { size: 3 }, dependsOn: [{ type: "SEQUENTIAL" }] });
    const children = batch.children(array);
    await batch.passes(4);
    assert.deepEqual(states(children), ["RUNNING", "PENDING", "PENDING"]);
    const [first, second] = children;
    assert.ok(first && second);
    await batch.end(first);
    await batch.passes(4);
    assert.deepEqual(states(children), ["SUCCEEDED", "RUNNING", "PENDING"]);
    await batch.end(second, 1);
    await batch.passes(3);
    assert.deepEqual(states([...children, array]), ["SUCCEEDED", "FAILED", "FAILED", "FAILED"]);
  });

  it("children wait for the child with the same index with N_TO_N", async () => {
    const array = batch.submit({ arrayProperties: { size: 2 } });
    const other = batch.submit({ arrayProperties: { size: 2 }, dependsOn: [{ jobId: array.jobId, type: "N_TO_N" }] });
    await batch.passes(4);
    const [, second] = batch.children(array);
    assert.ok(second);
    await batch.end(second);
    await batch.passes(4);
    assert.deepEqual(states(batch.children(other)), ["PENDING", "RUNNING"]);
  });
});
