import assert from "node:assert/strict";
import { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import { type FollowJobOptions, followJob } from "../../../../src/services/batch/job/follow-job.ts";
import type { JobReport } from "../../../../src/services/batch/job/job-report.ts";
import { terminateJob } from "../../../../src/services/batch/job/terminate-job.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { jsonAnswer, jsonFault, serveBatch, type WireAnswer } from "../../aws/wire.ts";

const ID = "job-1";

describe("Waiting for a job of Batch", () => {
  let wire: Awaited<ReturnType<typeof serveBatch>>;
  let clock: FakeClock;
  let seen: string[];

  beforeEach(async () => {
    wire = await serveBatch();
    clock = new FakeClock();
    seen = [];
  });
  afterEach(() => wire.close());

  const follow = (more: Partial<FollowJobOptions> = {}): Promise<JobReport> =>
    followJob({
      batch: wire.batch,
      jobId: ID,
      timeoutMs: 3_600_000,
      capacityTimeoutMs: 600_000,
      startTimeoutMs: 1_200_000,
      pollMs: 5000,
      signal: new AbortController().signal,
      clock,
      onReport: ({ state }, reason) => {
        seen.push(reason === undefined ? state : `${state}: ${reason}`);
      },
      ...more,
    });
  const job = (status: string, more: object = {}): object => ({ jobId: ID, jobName: "run-1", status, ...more });
  const jobs = (...all: object[]): WireAnswer => jsonAnswer({ jobs: all });
  /** The last answer is repeated. */
  const answerBy = (...answers: WireAnswer[]) => {
    wire.answer = () => answers[Math.min(wire.count("describejobs"), answers.length) - 1] ?? jobs();
  };
  const parent = (counts: object, status = "PENDING"): object =>
    job(status, { arrayProperties: { size: 3, statusSummary: { SUBMITTED: 0, PENDING: 0, ...counts } } });

  it("resolves with reasons, exit code and log streams of all attempts", async () => {
    const attempt = {
      statusReason: "Host EC2 (instance i-1) terminated.",
      container: { logStreamName: "d/default/1" },
    };
    answerBy(
      jobs(job("SUBMITTED")),
      jobs(job("RUNNING", { container: { logStreamName: "d/default/1" } })),
      jobs(job("RUNNABLE", { attempts: [attempt] })),
      jobs(
        job("SUCCEEDED", {
          statusReason: "Essential container in task exited",
          attempts: [attempt],
          container: {
            exitCode: 0,
            logStreamName: "d/default/2",
            logConfiguration: { logDriver: "awslogs", options: { "awslogs-group": "/mine" } },
          },
          createdAt: 1,
          startedAt: 2,
          stoppedAt: 3,
        }),
      ),
    );
    assert.deepEqual(await follow(), {
      jobId: ID,
      jobName: "run-1",
      state: "SUCCEEDED",
      statusReason: "Essential container in task exited",
      exitCode: 0,
      logStream: "d/default/2",
      attempts: [{ statusReason: "Host EC2 (instance i-1) terminated.", logStream: "d/default/1" }],
      logGroup: "/mine",
      logStreams: ["d/default/1", "d/default/2"],
      isStopped: false,
      createdAt: 1,
      startedAt: 2,
      stoppedAt: 3,
    });
    assert.deepEqual(seen, ["SUBMITTED", "RUNNING", "RUNNABLE", "SUCCEEDED"]);
  });

  it("tolerates that a new job is not known for minutes, and failures of the service", async () => {
    answerBy(
      ...Array.from({ length: 20 }, () => jobs()),
      ...Array.from({ length: 3 }, () => jsonFault("ServerException", "oops", 500)),
      jobs(job("SUCCEEDED")),
    );
    assert.equal((await follow()).state, "SUCCEEDED");
  });

  it("fails if a job stays unknown, or is no longer known", async () => {
    answerBy(jobs());
    await assert.rejects(follow(), { code: "BATCH_JOB_NOT_FOUND", message: /7 days/ });
    assert.ok(clock.now() - 1_000_000 >= 300_000);
    answerBy(jobs(job("RUNNING")), jobs());
    await assert.rejects(follow(), { code: "BATCH_JOB_NOT_FOUND" });
  });

  it("waits through a lack of capacity up to its limit, and reports the reason of AWS", async () => {
    const reason = "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill the capacity";
    answerBy(jobs(job("RUNNABLE", { statusReason: reason })), jobs(job("RUNNING")), jobs(job("SUCCEEDED")));
    assert.equal((await follow()).state, "SUCCEEDED");
    assert.deepEqual(seen, [`RUNNABLE: ${reason}`, "RUNNING", "SUCCEEDED"]);
    answerBy(jobs(job("RUNNABLE", { statusReason: reason })));
    const startedAt = clock.now();
    await assert.rejects(follow(), { code: "BATCH_NO_CAPACITY", retryable: false, message: /10 min.*INSUFFICIENT/s });
    assert.ok(clock.now() - startedAt < 620_000);
  });

  describe("after a restart during the wait for an instance", () => {
    const runnable = (more: object = {}) => jobs(job("RUNNABLE", more));
    /** Follows with the wait that a previous process has saved six minutes ago, up to the limit of ten; returns how long. */
    const waitOn = async (ended: number): Promise<{ tookMs: number; saved: unknown[] }> => {
      const saved: unknown[] = [];
      const begunAt = clock.now();
      const memory = {
        earlier: { goal: "instance" as const, ended, waitedMs: 360_000 },
        save: (wait: unknown) => saved.push(wait),
      };
      await assert.rejects(follow({ memory }), { code: "BATCH_NO_CAPACITY" });
      return { tookMs: clock.now() - begunAt, saved };
    };
    const isAbout = (ms: number, minutes: number) => assert.ok(Math.abs(ms - minutes * 60_000) < 10_000, String(ms));

    it("counts the time before it", async () => {
      answerBy(runnable());
      const { tookMs, saved } = await waitOn(0);
      isAbout(tookMs, 4);
      assert.deepEqual(saved, []);
    });

    it("fails at the first look if the limit was reached meanwhile", async () => {
      answerBy(runnable());
      const memory = { earlier: { goal: "instance" as const, ended: 0, waitedMs: 3_600_000 }, save: () => {} };
      await assert.rejects(follow({ memory }), {
        code: "BATCH_NO_CAPACITY",
        message: /has waited 60 min for an instance/,
      });
      assert.equal(wire.requests.length, 1);
    });

    it("begins to count again if an attempt or a child has ended meanwhile", async () => {
      answerBy(runnable({ attempts: [{ statusReason: "Host EC2 (instance i-1) terminated." }] }));
      const { tookMs, saved } = await waitOn(0);
      isAbout(tookMs, 10);
      assert.deepEqual(saved, [{ goal: "instance", ended: 1 }]);
      wire.answer = ({ operation }) =>
        operation === "listjobs" ? jsonAnswer({ jobSummaryList: [] }) : jobs(parent({ RUNNABLE: 1, SUCCEEDED: 2 }));
      isAbout((await waitOn(1)).tookMs, 10);
      isAbout((await waitOn(2)).tookMs, 4);
    });

    it("begins to count again when the job has run in between", async () => {
      answerBy(jobs(job("RUNNING")), runnable());
      const { tookMs, saved } = await waitOn(0);
      isAbout(tookMs, 10);
      assert.deepEqual(saved, [undefined, { goal: "instance", ended: 0 }]);
    });
  });

  describe("after a restart when the limit of the whole wait has passed", () => {
    const waitedMs = 3 * 3_600_000;

    it("fails after one look", async () => {
      answerBy(jobs(job("RUNNING")));
      await assert.rejects(follow({ waitedMs }), { code: "TIMED_OUT", message: /^Waited 3 h for job job-1 to end/ });
      assert.deepEqual(clock.slept, []);
    });

    it("finds a job that has ended by then, also if the network is not up yet", async () => {
      const refused = Array.from({ length: 6 }, () => jsonFault("ServerException", "oops", 500));
      answerBy(...refused, jobs(job("SUCCEEDED")));
      assert.equal((await follow({ waitedMs })).state, "SUCCEEDED");
      assert.ok(clock.slept.length > 0);
    });
  });

  it("saves the begin of a wait once, and its end", async () => {
    const saved: unknown[] = [];
    const reason = "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - no g4dn";
    answerBy(
      jobs(job("SUBMITTED")),
      jobs(job("RUNNABLE")),
      jobs(job("RUNNABLE", { statusReason: reason })),
      jobs(job("STARTING")),
      jobs(job("RUNNING")),
      jobs(job("SUCCEEDED")),
    );
    await follow({ memory: { save: (wait) => saved.push(wait) } });
    const [instance, container] = (["instance", "container"] as const).map((goal) => ({ goal, ended: 0 }));
    assert.deepEqual(saved, [instance, container, undefined]);
  });

  describe("a job that stays STARTING", () => {
    const starting = (more: object = {}) => jobs(job("STARTING", more));
    const MINUTE = 60_000;

    it("fails at the limit for its container, with its state, its time and what to check", async () => {
      answerBy(jobs(job("RUNNABLE")), starting());
      const startedAt = clock.now();
      const error = await follow().catch((thrown: unknown) => thrown as PipelineError);
      assert.ok(error instanceof PipelineError);
      assert.deepEqual([error.code, error.retryable, error.details.state], ["BATCH_START_FAILED", false, "STARTING"]);
      assert.match(error.message, /^Job run-1 \(job-1\) has been STARTING for 20 min: an instance is on/);
      assert.match(error.message, /size.*instance role for ECR.*route.*longer limit\.$/);
      const tookMs = clock.now() - startedAt;
      assert.ok(tookMs >= 20 * MINUTE && tookMs < 21 * MINUTE, String(tookMs));
      assert.deepEqual([...new Set(seen)], ["RUNNABLE", "STARTING"]);
    });

    it("may take up to the limit, and each attempt again", async () => {
      const minutes = (count: number, answer: WireAnswer) => Array.from({ length: count * 12 }, () => answer);
      const attempts = [{ statusReason: "Host EC2 (instance i-1) terminated." }];
      answerBy(
        ...minutes(18, starting()),
        ...minutes(18, starting({ attempts })),
        jobs(job("RUNNING")),
        jobs(job("SUCCEEDED")),
      );
      assert.equal((await follow()).state, "SUCCEEDED");
    });

    it("fails with the reason of AWS, if there is one", async () => {
      answerBy(starting({ statusReason: "The agent is disconnected." }));
      await assert.rejects(follow(), { message: /AWS says: "The agent is disconnected"\. Usually/ });
    });

    it("counts the time before a restart", async () => {
      answerBy(starting());
      const memory = { earlier: { goal: "container" as const, ended: 0, waitedMs: 15 * MINUTE }, save: () => {} };
      const startedAt = clock.now();
      await assert.rejects(follow({ memory }), { code: "BATCH_START_FAILED", message: /STARTING for 20 min/ });
      assert.ok(clock.now() - startedAt < 6 * MINUTE);
    });

    it("fails an array while none of its children runs, whatever waits for an instance, and asks for no reasons", async () => {
      answerBy(jobs(parent({ RUNNABLE: 1, STARTING: 1, SUCCEEDED: 1 })));
      await assert.rejects(follow(), {
        code: "BATCH_START_FAILED",
        message: /^Of job run-1 \(job-1\), no child has been running for 20 min, and 1 of 3 are STARTING: /,
      });
      assert.equal(wire.count("listjobs"), 0);
    });

    it("does not fail an array with a running child", async () => {
      wire.answer = () =>
        wire.count("describejobs") < 300
          ? jobs(parent({ STARTING: 1, RUNNING: 1, SUCCEEDED: 1 }))
          : jobs(parent({ SUCCEEDED: 3 }, "SUCCEEDED"));
      assert.equal((await follow()).state, "SUCCEEDED");
      assert.ok(clock.now() - 1_000_000 > 20 * MINUTE);
    });
  });

  for (const reason of [
    "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - CE(s) associated with the job queue cannot meet the CPU requirement",
    "MISCONFIGURATION:SERVICE_ROLE_PERMISSIONS – Batch service role has a permission issue.",
    "ACTION_REQUIRED - CE(s) associated with the job queue are invalid.",
  ]) {
    it(`fails immediately for ${reason.slice(0, 45)}`, async () => {
      answerBy(jobs(job("RUNNABLE", { statusReason: reason })));
      await assert.rejects(follow(), { code: "BATCH_JOB_BLOCKED", retryable: false });
      assert.equal(wire.requests.length, 1);
    });
  }

  it("reads the reason of an array from its waiting children", async () => {
    wire.answer = ({ operation, input }) => {
      if (operation === "listjobs") {
        assert.deepEqual(input, { arrayJobId: ID, jobStatus: "RUNNABLE", maxResults: 20 });
        return jsonAnswer({ jobSummaryList: [{ jobId: `${ID}:1`, jobName: "run-1" }] });
      }
      return (input.jobs as string[]).includes(ID)
        ? jobs(parent({ RUNNABLE: 3 }))
        : jobs({ ...job("RUNNABLE"), jobId: `${ID}:1`, statusReason: "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - x" });
    };
    await assert.rejects(follow(), { code: "BATCH_JOB_BLOCKED", message: /85 to 90 %/ });
  });

  it("does not count an array as waiting while children run or end", async () => {
    wire.answer = ({ operation }) => {
      const ended = Math.floor(wire.count("describejobs") / 60);
      return operation === "listjobs"
        ? jsonAnswer({ jobSummaryList: [] })
        : ended < 3
          ? jobs(parent({ RUNNABLE: 3 - ended, SUCCEEDED: ended }))
          : jobs(parent({ SUCCEEDED: 3 }, "SUCCEEDED"));
    };
    const { children } = await follow({ capacityTimeoutMs: 400_000 });
    assert.deepEqual(children, { size: 3, counts: { SUCCEEDED: 3 } });
    // Each of the three waits is shorter than the limit, but not all of them.
    assert.ok(clock.now() - 1_000_000 > 400_000);
    assert.ok(wire.count("listjobs") < 60, `${wire.count("listjobs")} lists`);
  });

  it("shares a request of up to 100 ids among many jobs", async () => {
    wire.answer = ({ input }) => jobs(...(input.jobs as string[]).map((jobId) => ({ ...job("SUCCEEDED"), jobId })));
    const ids = Array.from({ length: 150 }, (_, index) => `job-${index}`);
    const ended = await Promise.all(ids.map((jobId) => follow({ jobId })));
    assert.deepEqual(
      ended.map(({ jobId }) => jobId),
      ids,
    );
    const sizes = wire.requests.map(({ input }) => (input.jobs as string[]).length);
    assert.deepEqual([sizes.length, Math.max(...sizes)], [2, 100]);
  });

  describe("terminateJob", () => {
    const terminate = (timeoutMs = 180_000) =>
      terminateJob({
        batch: wire.batch,
        jobId: ID,
        reason: "enough",
        timeoutMs,
        pollMs: 5000,
        signal: new AbortController().signal,
        clock,
      });

    it("requests the end once, and waits until the job has ended", async () => {
      wire.answer = ({ operation }) =>
        operation === "terminatejob"
          ? { body: "" }
          : jobs(job(wire.count("describejobs") < 4 ? "RUNNING" : "FAILED", { isTerminated: true }));
      const ended = await terminate();
      assert.deepEqual([ended?.state, ended?.isStopped], ["FAILED", true]);
      assert.deepEqual(wire.requests[0]?.input, { jobId: ID, reason: "enough" });
      assert.deepEqual([wire.count("terminatejob"), wire.count("describejobs")], [1, 4]);
    });

    it("requests the end again if Batch did not know the job yet", async () => {
      wire.answer = ({ operation }) => {
        const asked = wire.count("describejobs");
        return operation === "terminatejob"
          ? { body: "" }
          : asked < 4
            ? jobs()
            : jobs(job(asked < 6 ? "RUNNABLE" : "FAILED", { isTerminated: true }));
      };
      assert.equal((await terminate())?.state, "FAILED");
      // Three times for a job that is not described, once at the same time as the first description, and once after it.
      assert.equal(wire.count("terminatejob"), 5);
    });

    it("ends if Batch does not know the job any more", async () => {
      wire.answer = ({ operation }) => (operation === "terminatejob" ? { body: "" } : jobs());
      const began = clock.now();
      assert.equal(await terminate(), undefined);
      assert.ok(clock.now() - began < 60_000);
    });

    it("repeats a request that has failed, and reports a job that does not end", async () => {
      wire.answer = ({ operation }) =>
        operation === "describejobs"
          ? jobs(job("RUNNING"))
          : wire.count("terminatejob") < 5
            ? jsonFault("ServerException", "oops", 500)
            : { body: "" };
      await assert.rejects(terminate(), { code: "TIMED_OUT", message: /RUNNING/ });
      assert.equal(wire.count("terminatejob"), 5);
    });
  });
});
