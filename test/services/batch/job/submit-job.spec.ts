import assert from "node:assert/strict";
import { findEarlierJob } from "../../../../src/services/batch/job/find-job.ts";
import { submitJob } from "../../../../src/services/batch/job/submit-job.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { jsonAnswer, jsonFault, serveBatch, type WireAnswer } from "../../aws/wire.ts";

const NAME = "run-1";
const SUBMITTED = jsonAnswer({ jobId: "id-1", jobName: NAME, jobArn: "arn" });

describe("submitJob", () => {
  let wire: Awaited<ReturnType<typeof serveBatch>>;
  let clock: FakeClock;
  const controller = () => new AbortController();
  const submit = (signal = controller().signal) =>
    submitJob({
      batch: wire.batch,
      input: { jobName: NAME, jobQueue: "queue", jobDefinition: "definition" },
      signal,
      clock,
    });
  /** Answers SubmitJob with `first` and then with success, ListJobs with the jobs of `listed`. */
  const script = (first: WireAnswer, listed: (lists: number) => object[]) => {
    wire.answer = ({ operation }) =>
      operation === "listjobs"
        ? jsonAnswer({ jobSummaryList: listed(wire.count("listjobs")) })
        : wire.count("submitjob") === 1
          ? first
          : SUBMITTED;
  };

  beforeEach(async () => {
    wire = await serveBatch();
    clock = new FakeClock();
  });
  afterEach(() => wire.close());

  it("submits once, and returns the id", async () => {
    script(SUBMITTED, () => []);
    assert.deepEqual(await submit(), { jobId: "id-1", jobName: NAME });
    assert.equal(wire.requests.length, 1);
  });

  for (const [what, answer] of [
    ["a server error", jsonFault("ServerException", "oops", 500)],
    ["a broken connection", { fault: "reset" }],
    ["half a response", { fault: "cut" }],
    ["a response without an id", jsonAnswer({})],
  ] as const) {
    it(`looks for the name after ${what}, and does not submit again`, async () => {
      script(answer, (lists) => (lists < 3 ? [] : [{ jobId: "id-2", jobName: NAME, createdAt: 1 }]));
      assert.equal((await submit()).jobId, "id-2");
      assert.equal(wire.count("submitjob"), 1);
      const { input } = wire.requests.at(-1) ?? {};
      assert.deepEqual(input, { jobQueue: "queue", filters: [{ name: "JOB_NAME", values: [NAME] }] });
    });
  }

  it("reports that a job may be running if it is not listed, and submits no other one", async () => {
    script(jsonFault("ServerException", "oops", 500), () => [{ jobId: "id-3", jobName: "RUN-1", createdAt: 1 }]);
    await assert.rejects(submit(), { code: "BATCH_SUBMIT_UNCERTAIN", message: /run-1.*may be running/ });
    assert.equal(wire.count("submitjob"), 1);
  });

  it("submits again after a refusal for the request rate, which has started nothing", async () => {
    script(jsonFault("TooManyRequestsException", "Too Many Requests", 429), () => []);
    assert.equal((await submit()).jobId, "id-1");
    assert.equal(wire.count("submitjob"), 2);
  });

  it("returns the job although the signal is aborted while it is being submitted", async () => {
    const abort = controller();
    wire.answer = () => {
      abort.abort(new Error("enough"));
      return SUBMITTED;
    };
    assert.equal((await submit(abort.signal)).jobId, "id-1");
  });

  for (const [text, code] of [
    ["Job Queue other does not exist.", "BATCH_QUEUE_UNUSABLE"],
    ["JobDefinition other not found", "BATCH_DEFINITION_UNUSABLE"],
    ["Job size must be less than 30 KiB, got 47 KiB", "BATCH_REQUEST_INVALID"],
    [
      "User: arn:aws:iam::123456789012:user/x is not authorized to perform: batch:SubmitJob on resource: arn:aws:batch:eu-central-1:123456789012:job-queue/q because no identity-based policy allows the batch:SubmitJob action",
      "BATCH_ACCESS_DENIED",
    ],
  ] as const) {
    it(`reports ${code} for "${text.slice(0, 40)}"`, async () => {
      script(jsonFault("ClientException", text), () => []);
      await assert.rejects(submit(), { code, retryable: false });
    });
  }
});

describe("findEarlierJob", () => {
  it("repeats the search until a submitted job must be listed, and returns the oldest of a name", async () => {
    const wire = await serveBatch();
    const clock = new FakeClock();
    const find = () =>
      findEarlierJob({
        batch: wire.batch,
        queue: "queue",
        jobName: NAME,
        signal: new AbortController().signal,
        intendedAt: clock.wallNow(),
        clock,
      });
    try {
      wire.answer = () => jsonAnswer({ jobSummaryList: [] });
      const startedAt = clock.now();
      assert.equal(await find(), undefined);
      assert.ok(clock.now() - startedAt >= 15_000);
      wire.answer = ({ input }) =>
        input.nextToken === undefined
          ? jsonAnswer({ jobSummaryList: [{ jobId: "new", jobName: NAME, createdAt: 2 }], nextToken: "more" })
          : jsonAnswer({ jobSummaryList: [{ jobId: "old", jobName: NAME, createdAt: 1 }] });
      assert.equal((await find())?.jobId, "old");
    } finally {
      await wire.close();
    }
  });
});
