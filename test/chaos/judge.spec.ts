import { deepEqual, equal, match } from "node:assert/strict";
import type { RunRecord, StepRecord } from "../../src/runs/records/run-record.ts";
import type { Evidence } from "./evidence.ts";
import { type Expectation, judge } from "./judge.ts";

/** The step that has stopped the instance. */
const STOPPED: Partial<StepRecord> = { type: "lightly-ec2-stop", from: "step0" };
const ONE: Expectation = { runs: 1, outcome: "completed" };

/** What a run that nobody has disturbed leaves. */
const GOOD: Evidence = {
  ending: "over",
  runs: [run("completed", undefined, [STOPPED])],
  instance: { state: "stopped", processes: 0 },
  starts: 1,
  startRequests: [800],
  stops: [{ at: 1500, reason: "Client.UserInitiatedShutdown" }],
  timers: [900],
  scheduled: [{ id: "s1", state: "DONE" }],
  lightlyRuns: [{ scheduledId: "s1", state: "COMPLETED", from: 1100, to: 1300 }],
  configs: 1,
  workerCommands: ["c1"],
  workerCommandTimes: [950],
  workers: [{ from: 1000, to: 1350 }],
  objects: [{ key: "videos/a/b.mp4", bytes: 5, isWhole: true }],
  openUploads: [],
  partFiles: [],
  journalTrouble: [],
  alarms: [],
};

const NOTHING: Evidence = {
  ...GOOD,
  ending: "unknown",
  runs: [],
  starts: 0,
  stops: [],
  timers: [],
  startRequests: [],
  scheduled: [],
  lightlyRuns: [],
  configs: 0,
  workerCommands: [],
  workerCommandTimes: [],
  workers: [],
  objects: [],
};

function run(state: RunRecord["state"], code?: string, steps: Partial<StepRecord>[] = []): RunRecord {
  const error = code === undefined ? {} : { error: { code, message: "why", details: {} } };
  return {
    runId: "r1",
    startedAt: 0,
    state,
    ...error,
    steps: steps.map((step, index) => ({
      ...{ stepId: `step${index}`, nodeId: "n", type: "lightly-s3-upload", name: "upload", startedAt: 0 },
      ...{ state: "completed" as const },
      ...step,
    })),
  };
}

function failedStep(code: string, type = "lightly-s3-upload"): Partial<StepRecord> {
  return { state: "failed", type, error: { code, message: "why", details: {} } };
}

/** The only complaint about a good round that was changed. */
function complaint(change: Partial<Evidence>, expectation: Expectation = ONE): string {
  const { verdict, violations } = judge({ ...GOOD, ...change }, expectation);
  deepEqual([verdict, violations.length], ["failed", 1], violations.join("; "));
  return violations[0] ?? "";
}

describe("The judge of a run that was killed", () => {
  it("passes one of everything and a stopped instance", () => {
    deepEqual(judge(GOOD, ONE), { verdict: "passed", violations: [] });
  });

  it("finds an instance that was left on, by whatever it is called", () => {
    for (const state of ["running", "pending", "stopping"]) {
      match(complaint({ instance: { state, processes: 0 } }), new RegExp(`instance is ${state}`));
    }
  });

  it("finds a second scheduled run, command, or object, and a missing one", () => {
    const again = { scheduledId: "s2", state: "COMPLETED", from: 1310, to: 1320 };
    match(
      complaint({
        scheduled: [...GOOD.scheduled, { id: "s2", state: "DONE" }],
        lightlyRuns: [...GOOD.lightlyRuns, again],
      }),
      /2 scheduled runs .* instead of 1/,
    );
    match(complaint({ workerCommands: ["c1", "c2"] }), /2 worker commands \(c1, c2\) instead of 1/);
    match(complaint({ workerCommands: [] }), /0 worker commands instead of 1/);
    const object = GOOD.objects[0];
    match(complaint({ objects: object ? [object, { ...object, key: "videos/c/b.mp4" }] : [] }), /2 videos/);
    match(complaint({ objects: [] }), /0 videos in the bucket instead of 1/);
  });

  it("finds an object that is not the video", () => {
    match(complaint({ objects: [{ key: "k", bytes: 3, isWhole: false }] }), /k is not the video \(3 bytes\)/);
  });

  it("finds a scheduled run that did not complete, was never taken, or was done twice", () => {
    const made = (...states: string[]): Partial<Evidence> => ({
      lightlyRuns: states.map((state) => ({ scheduledId: "s1", state, from: 1100, to: 1300 })),
    });
    match(complaint(made("ABORTED")), /s1 is DONE and its run ABORTED/);
    match(complaint(made("CRASHED", "COMPLETED")), /CRASHED, COMPLETED/);
    match(complaint(made()), /its run was never made/);
  });

  it("finds what nobody will clear up", () => {
    match(complaint({ openUploads: ["videos/x (1 parts)"] }), /multipart upload of videos\/x/);
    match(complaint({ partFiles: ["node-red/a.mp4.part"] }), /a\.mp4\.part is left/);
    match(complaint({ journalTrouble: ["x.json.damaged"] }), /journal: x\.json\.damaged/);
  });

  it("finds a run that Node-RED has given up, lost, doubled or not ended, and a Node-RED that ended", () => {
    match(complaint({ runs: [run("interrupted")] }), /run interrupted/);
    match(complaint({ ending: "unknown", runs: [] }), /knows 0 of 1 runs/);
    match(complaint({ runs: [run("completed"), run("completed")] }), /2 runs of 1/);
    match(complaint({ ending: "limit" }), /did not end in time/);
    match(complaint({ ending: "crashed" }), /ended by itself/);
  });

  it("finds an instance that was started again after its stop", () => {
    match(complaint({ starts: 2 }), /started 2 times/);
  });

  it("takes a run that no record knows for one that has not begun, where the trigger may be lost", () => {
    equal(judge(NOTHING, { ...ONE, mayNotBegin: true }).verdict, "not begun");
    equal(judge(NOTHING, ONE).verdict, "failed");
  });

  it("does not take a run for unbegun that has done anything at all", () => {
    const traces: Partial<Evidence>[] = [
      { starts: 1 },
      { configs: 1 },
      { objects: GOOD.objects },
      { scheduled: GOOD.scheduled },
      { workerCommands: ["c1"] },
      { timers: [1] },
      { openUploads: ["x"] },
      { partFiles: ["x.part"] },
      { instance: { state: "running", processes: 0 } },
      { ending: "crashed" },
    ];
    for (const trace of traces) {
      equal(judge({ ...NOTHING, ...trace }, { ...ONE, mayNotBegin: true }).verdict, "failed", JSON.stringify(trace));
    }
  });
});

describe("The judge of runs that share an instance", () => {
  const TWO: Expectation = { runs: 2, outcome: "completed" };
  const SHARED: Evidence = {
    ...GOOD,
    runs: [run("completed"), run("completed")],
    scheduled: [...GOOD.scheduled, { id: "s2", state: "DONE" }],
    lightlyRuns: [...GOOD.lightlyRuns, { scheduledId: "s2", state: "COMPLETED", from: 1600, to: 1800 }],
    workerCommands: ["c1", "c2"],
    workers: [
      { from: 1000, to: 1350 },
      { from: 1500, to: 1850 },
    ],
    stops: [{ at: 1900, reason: "user" }],
    objects: [...GOOD.objects, { key: "videos/c/b.mp4", bytes: 5, isWhole: true }],
  };
  const found = (change: Partial<Evidence>): string => judge({ ...SHARED, ...change }, TWO).violations.join("; ");

  it("passes workers one after the other", () => {
    equal(found({}), "");
  });

  it("finds two workers at a time, also one that never ended", () => {
    const overlapping = [
      { from: 1500, to: 1850 },
      { from: 1000, to: 1560 },
    ];
    match(found({ workers: overlapping }), /worker 2 began 60 ms before worker 1 had ended/);
    match(found({ workers: [{ from: 1000 }, { from: 1500, to: 1850 }] }), /worker 2 began Infinity ms before/);
  });

  it("finds a stop under a worker whose run is not done, and none under one that is only about to end", () => {
    match(found({ stops: [{ at: 1700, reason: "user" }] }), /stopped \(user\) under a worker/);
    match(found({ stops: [{ at: 1550, reason: "user" }] }), /stopped \(user\) under a worker/);
    equal(found({ stops: [{ at: 1820, reason: "user" }] }), "");
  });
});

describe("The judge of a run to which something fails", () => {
  const ENDED: Expectation = { runs: 1, outcome: "ended" };
  const FAILED: Evidence = {
    ...NOTHING,
    ending: "over",
    starts: 1,
    runs: [run("failed", "S3_ACCESS_DENIED", [failedStep("S3_ACCESS_DENIED"), { state: "aborted" }, STOPPED])],
  };
  const found = (change: Partial<Evidence>, more: Partial<Expectation> = {}): string =>
    judge({ ...FAILED, ...change }, { ...ENDED, ...more }).violations.join("; ");

  it("passes a run that completed, and one that failed with one code and left nothing", () => {
    equal(judge(GOOD, ENDED).verdict, "passed");
    equal(found({}), "");
  });

  it("finds a failure that is a defect, or has a code that nobody knows", () => {
    const failing = (code: string): Partial<Evidence> => ({ runs: [run("failed", code, [failedStep(code), STOPPED])] });
    match(found(failing("INTERNAL")), /failed with INTERNAL: why/);
    match(found(failing("OOPS")), /failed with OOPS/);
    match(found({ runs: [run("failed", undefined, [STOPPED])] }), /failed with no code/);
  });

  it("finds a second failure in a run, but for that of the stop", () => {
    const steps = [failedStep("S3_ACCESS_DENIED"), failedStep("LIGHTLY_UNREACHABLE", "lightly-lightly-run")];
    match(found({ runs: [run("failed", "S3_ACCESS_DENIED", steps)] }), /2 steps failed instead of one/);
    const stop = [failedStep("S3_ACCESS_DENIED"), failedStep("AWS_UNREACHABLE", "lightly-ec2-stop")];
    equal(found({ runs: [run("failed", "S3_ACCESS_DENIED", stop)] }), "");
  });

  it("finds a failure of which nobody was told who would stop the instance, and one that was told twice", () => {
    const failed = failedStep("S3_ACCESS_DENIED");
    match(found({ runs: [run("failed", "S3_ACCESS_DENIED", [failed])] }), /no stop was asked for/);
    match(found({ runs: [run("failed", "S3_ACCESS_DENIED", [failed, STOPPED, STOPPED])] }), /stopped twice/);
    const other = { ...STOPPED, from: "step1" };
    equal(found({ runs: [run("failed", "S3_ACCESS_DENIED", [failed, STOPPED, other])] }), "");
  });

  it("finds a run that neither completed nor failed", () => {
    match(found({ runs: [run("interrupted")] }), /run interrupted/);
  });

  it("wants one of everything from a run that says it has completed", () => {
    match(found({ runs: [run("completed")] }), /0 scheduled runs instead of 1/);
  });

  it("finds a scheduled run that was left to some later worker, unless Lightly is gone for good", () => {
    const scheduled = [{ id: "s1", state: "OPEN" }];
    match(found({ scheduled }), /s1 is left OPEN/);
    equal(found({ scheduled }, { excused: ["lightly"] }), "");
  });

  it("finds a multipart upload that was left, unless S3 is gone for good", () => {
    match(found({ openUploads: ["k"] }), /upload of k is left/);
    equal(found({ openUploads: ["k"] }, { excused: ["s3"] }), "");
  });
});

describe("The judge of a run that nobody has come back to", () => {
  it("wants the instance stopped and nothing twice, and nothing else", () => {
    const gone: Expectation = { runs: 1, outcome: "gone" };
    const left: Evidence = {
      ...GOOD,
      runs: [],
      scheduled: [{ id: "s1", state: "OPEN" }],
      lightlyRuns: [],
      openUploads: ["k"],
      partFiles: ["p"],
    };
    equal(judge(left, gone).verdict, "passed");
    equal(judge({ ...left, instance: { state: "running", processes: 3 } }, gone).verdict, "failed");
    equal(judge({ ...left, workerCommands: ["c1", "c2"] }, gone).verdict, "failed");
  });
});

describe("The judge of a run that came to its end in another order", () => {
  const OVER: Expectation = { runs: 1, outcome: "over" };
  const stop: Partial<StepRecord> = { ...STOPPED, endedAt: 1400 };
  /** All that is wrong, in one text. */
  const found = (change: Partial<Evidence>, more: Partial<Expectation> = {}): string =>
    judge({ ...GOOD, ...change }, { ...OVER, ...more }).violations.join("; ");
  /** A run whose selection was cancelled before its instance was started. */
  const untouched: Partial<Evidence> = {
    runs: [run("completed", undefined, [{ type: "lightly-ec2-start", state: "skipped" }, stop])],
    starts: 0,
    startRequests: [],
    stops: [],
    scheduled: [{ id: "s1", state: "CANCELED" }],
    lightlyRuns: [],
    workerCommands: [],
    workerCommandTimes: [],
    workers: [],
  };

  it("passes one that has left out what nothing needed, was aborted, or failed with a code", () => {
    equal(found(untouched), "");
    equal(found({ runs: [run("aborted", "ABORTED", [{ state: "aborted" }, stop])] }), "");
    equal(found({ runs: [run("failed", "LIGHTLY_NO_WORKER", [failedStep("LIGHTLY_NO_WORKER"), stop])] }), "");
  });

  it("finds a run that still goes on, fails without a code, or fails twice", () => {
    match(found({ runs: [run("running")] }), /run running/);
    match(found({ runs: [run("failed", "INTERNAL", [failedStep("INTERNAL")])] }), /failed with INTERNAL/);
    const twice = [failedStep("TIMED_OUT"), failedStep("EC2_INSTANCE_LOST")];
    match(found({ runs: [run("failed", "TIMED_OUT", twice)] }), /2 steps failed instead of one/);
  });

  it("finds what was begun behind the end of the run's work, and no request that was under way", () => {
    const runs = [run("completed", undefined, [{ type: "lightly-lightly-run", endedAt: 1000 }, stop])];
    match(found({ runs, startRequests: [2400] }), /a start was asked for 1400 ms behind the end/);
    match(found({ runs, workerCommandTimes: [2500] }), /a worker's command was asked for 1500 ms behind the end/);
    equal(found({ runs, startRequests: [1200], workerCommandTimes: [1200] }), "");
  });

  it("finds two of anything", () => {
    match(found({ workerCommands: ["c1", "c2"] }), /2 worker commands/);
    match(found({ starts: 2 }), /started 2 times/);
  });

  it("finds an alarm for an instance that is off, unless it may be", () => {
    match(found({ alarms: ["i-1 may still be running"] }), /1 alarms .* where none may be: i-1 may/);
    equal(found({ alarms: ["i-1 may still be running"] }, { alarms: 1 }), "");
    match(found({ alarms: ["a", "b"] }, { alarms: 1 }), /2 alarms .* where 1 may be/);
  });

  it("wants an instance that was terminated to be gone, and one that was not to be stopped", () => {
    const instance = { state: "terminated", processes: 0 };
    equal(found({ instance }, { isTerminated: true }), "");
    match(found({ instance }), /the instance is terminated/);
    match(found({}, { isTerminated: true }), /the instance is stopped/);
  });

  it("hears what Node-RED says of its journal, unless the disk has refused it", () => {
    match(found({ journalTrouble: ["Run journal: ENOSPC"] }), /journal: Run journal: ENOSPC/);
    equal(found({ journalTrouble: ["Run journal: ENOSPC"] }, { excused: ["journal"] }), "");
  });

  it("wants Node-RED to know of each run, but for one whose record a full disk has cost", () => {
    const unknown = {
      ending: "unknown",
      runs: [],
      journalTrouble: ["Run journal: the file of r was removed, since"],
    } as const;
    match(found({ ...unknown, journalTrouble: [] }, { excused: ["journal"] }), /knows 0 of 1 runs/);
    equal(found(unknown, { excused: ["journal"] }), "");
  });
});
