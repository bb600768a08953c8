import { deepEqual, equal, match } from "node:assert/strict";
import { checkRun, type Expectation } from "./check-run.ts";
import type { Evidence } from "./evidence.ts";
import { failedStep, GOOD, NOTHING, run, STOPPED } from "./example-evidence.ts";

const ONE: Expectation = { runs: 1, outcome: "completed" };

/** The only violation of a good round with a change. */
function complaint(change: Partial<Evidence>, expectation: Expectation = ONE): string {
  const { verdict, violations } = checkRun({ ...GOOD, ...change }, expectation);
  deepEqual([verdict, violations.length], ["failed", 1], violations.join("; "));
  return violations[0] ?? "";
}

describe("The check of a run that was killed", () => {
  it("accepts one of everything and a stopped instance", () => {
    deepEqual(checkRun(GOOD, ONE), { verdict: "passed", violations: [] });
  });

  it("finds a running instance in any state", () => {
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

  it("finds a scheduled run that did not complete, was never taken, or was processed twice", () => {
    const made = (...states: string[]): Partial<Evidence> => ({
      lightlyRuns: states.map((state) => ({ scheduledId: "s1", state, from: 1100, to: 1300 })),
    });
    match(complaint(made("ABORTED")), /s1 is DONE and its run ABORTED/);
    match(complaint(made("CRASHED", "COMPLETED")), /CRASHED, COMPLETED/);
    match(complaint(made()), /its run was never made/);
  });

  it("finds what will never be cleaned up", () => {
    match(complaint({ openUploads: ["videos/x (1 parts)"] }), /multipart upload of videos\/x/);
    match(complaint({ partFiles: ["node-red/a.mp4.part"] }), /a\.mp4\.part is left/);
    match(complaint({ journalTrouble: ["x.json.damaged"] }), /journal: x\.json\.damaged/);
  });

  it("finds a run that Node-RED has abandoned, lost, duplicated or not ended, and a Node-RED that ended", () => {
    match(complaint({ runs: [run("interrupted")] }), /run interrupted/);
    match(complaint({ ending: "unknown", runs: [] }), /knows 0 of 1 runs/);
    match(complaint({ runs: [run("completed"), run("completed")] }), /2 runs of 1/);
    match(complaint({ ending: "limit" }), /did not end in time/);
    match(complaint({ ending: "crashed" }), /ended by itself/);
  });

  it("finds an instance that was started again after its stop", () => {
    match(complaint({ starts: 2 }), /started 2 times/);
  });

  it("treats a run without any record as not started, if the trigger may be lost", () => {
    equal(checkRun(NOTHING, { ...ONE, mayNotBegin: true }).verdict, "not started");
    equal(checkRun(NOTHING, ONE).verdict, "failed");
  });

  it("does not treat a run with any record as not started", () => {
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
      equal(checkRun({ ...NOTHING, ...trace }, { ...ONE, mayNotBegin: true }).verdict, "failed", JSON.stringify(trace));
    }
  });
});

describe("The check of runs that share an instance", () => {
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
  const found = (change: Partial<Evidence>): string => checkRun({ ...SHARED, ...change }, TWO).violations.join("; ");

  it("accepts consecutive workers", () => {
    equal(found({}), "");
  });

  it("finds two simultaneous workers, also one that never ended", () => {
    const overlapping = [
      { from: 1500, to: 1850 },
      { from: 1000, to: 1560 },
    ];
    match(found({ workers: overlapping }), /worker 2 began 60 ms before worker 1 had ended/);
    match(found({ workers: [{ from: 1000 }, { from: 1500, to: 1850 }] }), /worker 2 began Infinity ms before/);
  });

  it("finds a stop during the run of a worker, but not during the exit of a worker", () => {
    match(found({ stops: [{ at: 1700, reason: "user" }] }), /stopped \(user\) under a worker/);
    match(found({ stops: [{ at: 1550, reason: "user" }] }), /stopped \(user\) under a worker/);
    equal(found({ stops: [{ at: 1820, reason: "user" }] }), "");
  });
});

describe("The check of a run with a failure", () => {
  const ENDED: Expectation = { runs: 1, outcome: "ended" };
  const FAILED: Evidence = {
    ...NOTHING,
    ending: "over",
    starts: 1,
    runs: [run("failed", "S3_ACCESS_DENIED", [failedStep("S3_ACCESS_DENIED"), { state: "aborted" }, STOPPED])],
  };
  const found = (change: Partial<Evidence>, more: Partial<Expectation> = {}): string =>
    checkRun({ ...FAILED, ...change }, { ...ENDED, ...more }).violations.join("; ");

  it("accepts a completed run, and one that failed with one code and left nothing", () => {
    equal(checkRun(GOOD, ENDED).verdict, "passed");
    equal(found({}), "");
  });

  it("finds a failure that is a defect, or has an unknown code", () => {
    const failing = (code: string): Partial<Evidence> => ({ runs: [run("failed", code, [failedStep(code), STOPPED])] });
    match(found(failing("INTERNAL")), /failed with INTERNAL: why/);
    match(found(failing("OOPS")), /failed with OOPS/);
    match(found({ runs: [run("failed", undefined, [STOPPED])] }), /failed with no code/);
  });

  it("finds a second failure in a run, except that of the stop", () => {
    const steps = [failedStep("S3_ACCESS_DENIED"), failedStep("LIGHTLY_UNREACHABLE", "lightly-run")];
    match(found({ runs: [run("failed", "S3_ACCESS_DENIED", steps)] }), /2 steps failed instead of one/);
    const stop = [failedStep("S3_ACCESS_DENIED"), failedStep("AWS_UNREACHABLE", "lightly-ec2-stop")];
    equal(found({ runs: [run("failed", "S3_ACCESS_DENIED", stop)] }), "");
  });

  it("finds a failure that did not reach the Catch node before the stop, or reached it twice", () => {
    const failed = failedStep("S3_ACCESS_DENIED");
    match(found({ runs: [run("failed", "S3_ACCESS_DENIED", [failed])] }), /no stop was asked for/);
    match(found({ runs: [run("failed", "S3_ACCESS_DENIED", [failed, STOPPED, STOPPED])] }), /stopped twice/);
    const other = { ...STOPPED, parentStepId: "step1" };
    equal(found({ runs: [run("failed", "S3_ACCESS_DENIED", [failed, STOPPED, other])] }), "");
  });

  it("finds a run that neither completed nor failed", () => {
    match(found({ runs: [run("interrupted")] }), /run interrupted/);
  });

  it("requires one of everything from a completed run", () => {
    match(found({ runs: [run("completed")] }), /0 scheduled runs instead of 1/);
  });

  it("finds a scheduled run that was not canceled, unless Lightly never works again", () => {
    const scheduled = [{ id: "s1", state: "OPEN" }];
    match(found({ scheduled }), /s1 is left OPEN/);
    equal(found({ scheduled }, { excused: ["lightly"] }), "");
  });

  it("finds a remaining multipart upload, unless S3 never works again", () => {
    match(found({ openUploads: ["k"] }), /upload of k is left/);
    equal(found({ openUploads: ["k"] }, { excused: ["s3"] }), "");
  });
});

describe("The check of a run without a restart of Node-RED", () => {
  it("requires only a stopped instance and no duplicates", () => {
    const gone: Expectation = { runs: 1, outcome: "gone" };
    const left: Evidence = {
      ...GOOD,
      runs: [],
      scheduled: [{ id: "s1", state: "OPEN" }],
      lightlyRuns: [],
      openUploads: ["k"],
      partFiles: ["p"],
    };
    equal(checkRun(left, gone).verdict, "passed");
    equal(checkRun({ ...left, instance: { state: "running", processes: 3 } }, gone).verdict, "failed");
    equal(checkRun({ ...left, workerCommands: ["c1", "c2"] }, gone).verdict, "failed");
  });
});
