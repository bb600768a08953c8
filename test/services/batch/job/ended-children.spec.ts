import assert from "node:assert/strict";
import { endedChildren } from "../../../../src/services/batch/job/ended-children.ts";
import { jsonAnswer, serveBatch } from "../../aws/wire.ts";

const ID = "job-1";

describe("The ended children of an array", () => {
  let wire: Awaited<ReturnType<typeof serveBatch>>;
  beforeEach(async () => {
    wire = await serveBatch();
  });
  afterEach(() => wire.close());

  const list = (counts: Record<string, number>) => {
    const size = Object.values(counts).reduce((sum, count) => sum + count);
    return endedChildren(wire.batch, { jobId: ID, children: { size, counts } }, new AbortController().signal);
  };
  const child = (index: number, more: object = {}) => ({
    ...{ jobId: `${ID}:${index}`, jobName: "run-1", arrayProperties: { index }, createdAt: 1 },
    ...more,
  });

  it("are those that have failed by index, each with its reason, over several pages", async () => {
    wire.answer = ({ input }) =>
      jsonAnswer(
        input.nextToken === undefined
          ? {
              jobSummaryList: [
                child(7, { statusReason: "Essential container in task exited", container: { exitCode: 2 } }),
              ],
              nextToken: "more",
            }
          : { jobSummaryList: [{ jobId: `${ID}:2`, jobName: "run-1", statusReason: "Host EC2 (instance i-1)" }] },
      );
    const { failures } = await list({ FAILED: 2 });
    assert.deepEqual(
      failures.map(({ index, code, exitCode }) => [index, code, exitCode]),
      [
        [2, "BATCH_HOST_LOST", undefined],
        [7, "BATCH_JOB_FAILED", 2],
      ],
    );
    assert.equal(failures[1]?.reason, "Child 7 ended with exit code 2.");
  });

  it("have a time of containers, which those that never started do not add to", async () => {
    wire.answer = ({ input }) =>
      jsonAnswer({
        jobSummaryList:
          input.jobStatus === "SUCCEEDED"
            ? [child(0, { startedAt: 1000, stoppedAt: 4000 }), child(1, { startedAt: 2000, stoppedAt: 2500 })]
            : [child(2, { startedAt: 1000, stoppedAt: 2000 }), child(3, { stoppedAt: 9000 })],
      });
    const { time, failures } = await list({ SUCCEEDED: 2, FAILED: 2 });
    assert.deepEqual([time, failures.length], [{ jobs: 3, containerMs: 4500 }, 2]);
  });

  it("take one request for each thousand, also of an array of the largest size", async () => {
    wire.answer = ({ input }) => {
      const page = Number(input.nextToken ?? 0);
      const size = Math.min(1000, Number(input.maxResults));
      const total = input.jobStatus === "SUCCEEDED" ? 8500 : 1500;
      const indexes = Array.from({ length: Math.min(size, total - page * size) }, (_, one) => page * size + one);
      const isMore = (page + 1) * size < total;
      return jsonAnswer({
        jobSummaryList: indexes.map((index) => child(index, { startedAt: 0, stoppedAt: 10 })),
        ...(isMore && { nextToken: String(page + 1) }),
      });
    };
    const { time, failures } = await list({ SUCCEEDED: 8500, FAILED: 1500 });
    assert.deepEqual([time, failures.length], [{ jobs: 10_000, containerMs: 100_000 }, 1000]);
    assert.equal(wire.count("listjobs"), 11);
  });

  it("take no request without any", async () => {
    assert.deepEqual(await list({ RUNNABLE: 3 }), { failures: [], time: { jobs: 0, containerMs: 0 } });
    assert.equal(wire.requests.length, 0);
  });
});
