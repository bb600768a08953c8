import assert from "node:assert/strict";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { eventually } from "../instances/running-sandbox.ts";
import { startBatchCloud } from "./batch-cloud.ts";
import { type BatchModel, batchModel } from "./batch-model.ts";

describe("A restart of Batch", () => {
  const models: BatchModel[] = [];
  afterEach(() => {
    for (const model of models.splice(0)) {
      model.core.close();
    }
  });
  const open = (dir: string): BatchModel => {
    const model = batchModel({ dir });
    models.push(model);
    return model;
  };

  it("keeps jobs in their states, arrays with their children, tags and resources", async () => {
    const dir = temporaryFolder();
    const before = open(dir);
    const array = before.submit({ arrayProperties: { size: 3 }, tags: { run: "1" }, retryStrategy: { attempts: 3 } });
    const after = before.submit({ dependsOn: [{ jobId: array.jobId }] });
    await before.passes(3);
    const [first, second] = before.children(array);
    assert.ok(first && second);
    await before.end(first, 0);
    await before.end(second, 1);
    const environment = before.core.resources.environment("lightly-environment");
    assert.ok(environment);
    environment.state = "DISABLED";
    before.core.resources.save();
    before.core.close();

    const model = open(dir);
    assert.equal(model.core.resources.environment("lightly-environment")?.state, "DISABLED");
    const known = model.core.book.find(array.jobId);
    assert.deepEqual([known?.status, known?.tags], ["PENDING", { run: "1" }]);
    const children = model.core.book.children(array.jobId);
    assert.deepEqual(
      children.map(({ status, attempts }) => [status, attempts.at(-1)?.statusReason]),
      [
        ["SUCCEEDED", "Essential container in task exited"],
        ["RUNNABLE", "Host EC2 (instance i-0) terminated."],
        ["RUNNABLE", "Host EC2 (instance i-0) terminated."],
      ],
    );
    const again = model.core.resources.environment("lightly-environment");
    assert.ok(again);
    again.state = "ENABLED";
    await model.passes(3);
    assert.equal(children[1]?.attempts[0]?.exitCode, 1);
    for (const child of children.slice(1)) {
      await model.end(child);
    }
    await model.passes(5);
    assert.equal(model.core.book.find(array.jobId)?.status, "SUCCEEDED");
    assert.equal(model.core.book.find(after.jobId)?.status, "RUNNING");
  });

  it("does not repeat a job that was being terminated", async () => {
    const dir = temporaryFolder();
    const before = open(dir);
    const job = before.submit({ retryStrategy: { attempts: 3 } });
    await before.passes(3);
    before.terminate(job);
    before.core.close();
    const after = open(dir).core.book.find(job.jobId);
    assert.deepEqual([after?.status, after?.statusReason, after?.attempts.length], ["FAILED", "enough", 1]);
  });

  it("ends the processes of jobs and terminates their instances", async () => {
    const stateDir = temporaryFolder();
    const before = await startBatchCloud({ stateDir });
    const jobId = await before.submit("echo started; sleep 600", { retryStrategy: { attempts: 1 } });
    const { container } = await before.reaches(jobId, "RUNNING");
    const [host] = before.running.sandbox.record
      .instances()
      .filter(({ instanceId }) => instanceId !== before.running.id);
    assert.ok(host);
    await eventually("the first line", () =>
      before
        .logs("GetLogEvents", { logGroupName: "/aws/batch/job", logStreamName: container.logStreamName })
        .catch(() => false),
    );
    await before.running.close();
    assert.deepEqual(before.running.sandbox.record.processes(host.instanceId), []);

    const after = await startBatchCloud({ stateDir });
    try {
      const job = await after.job(jobId);
      assert.deepEqual(
        [job.status, job.statusReason],
        ["FAILED", `Host EC2 (instance ${host.instanceId}) terminated.`],
      );
      const state = () =>
        after.running.sandbox.record.instances().find((one) => one.instanceId === host.instanceId)?.state;
      await eventually("the instance to be terminated", () => state() === "terminated");
      const { events } = await after.logs("GetLogEvents", {
        logGroupName: "/aws/batch/job",
        logStreamName: container.logStreamName,
      });
      assert.equal(events[0].message, "started");
    } finally {
      await after.running.close();
    }
  });
});
