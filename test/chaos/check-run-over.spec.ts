import { equal, match } from "node:assert/strict";
import type { StepRecord } from "../../src/records/run-record.ts";
import { checkRun, type Expectation } from "./check-run.ts";
import type { Evidence } from "./evidence.ts";
import { failedStep, GOOD, run, STOPPED } from "./example-evidence.ts";

describe("The check of a run that has ended in another order", () => {
  const OVER: Expectation = { runs: 1, outcome: "over" };
  const stop: Partial<StepRecord> = { ...STOPPED, endedAt: 1400 };
  /** All violations in one text. */
  const found = (change: Partial<Evidence>, more: Partial<Expectation> = {}): string =>
    checkRun({ ...GOOD, ...change }, { ...OVER, ...more }).violations.join("; ");
  /** A run whose selection was canceled before its instance was started. */
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

  it("accepts a run that has skipped steps, was aborted, or failed with a code", () => {
    equal(found(untouched), "");
    equal(found({ runs: [run("aborted", "ABORTED", [{ state: "aborted" }, stop])] }), "");
    equal(found({ runs: [run("failed", "LIGHTLY_NO_WORKER", [failedStep("LIGHTLY_NO_WORKER"), stop])] }), "");
  });

  it("finds a run that is still active, fails without a code, or fails twice", () => {
    match(found({ runs: [run("running")] }), /run running/);
    match(found({ runs: [run("failed", "INTERNAL", [failedStep("INTERNAL")])] }), /failed with INTERNAL/);
    const twice = [failedStep("TIMED_OUT"), failedStep("EC2_INSTANCE_LOST")];
    match(found({ runs: [run("failed", "TIMED_OUT", twice)] }), /2 steps failed instead of one/);
  });

  it("finds work that was started after the end of the run, but no request in flight", () => {
    const runs = [run("completed", undefined, [{ type: "lightly-run", endedAt: 1000 }, stop])];
    match(found({ runs, startRequests: [2400] }), /a start was asked for 1400 ms behind the end/);
    match(found({ runs, workerCommandTimes: [2500] }), /a worker's command was asked for 1500 ms behind the end/);
    equal(found({ runs, startRequests: [1200], workerCommandTimes: [1200] }), "");
  });

  it("finds duplicates", () => {
    match(found({ workerCommands: ["c1", "c2"] }), /2 worker commands/);
    match(found({ starts: 2 }), /started 2 times/);
  });

  it("finds a false alarm for a stopped instance, unless it is allowed", () => {
    match(found({ alarms: ["i-1 may still be running"] }), /1 alarms .* where none may be: i-1 may/);
    equal(found({ alarms: ["i-1 may still be running"] }, { alarms: 1 }), "");
    match(found({ alarms: ["a", "b"] }, { alarms: 1 }), /2 alarms .* where 1 may be/);
  });

  it("requires a terminated instance to be terminated, and any other to be stopped", () => {
    const instance = { state: "terminated", processes: 0 };
    equal(found({ instance }, { isTerminated: true }), "");
    match(found({ instance }), /the instance is terminated/);
    match(found({}, { isTerminated: true }), /the instance is stopped/);
  });

  it("checks Node-RED's warnings about its journal, unless the disk has refused it", () => {
    match(found({ journalTrouble: ["Run journal: ENOSPC"] }), /journal: Run journal: ENOSPC/);
    equal(found({ journalTrouble: ["Run journal: ENOSPC"] }, { excused: ["journal"] }), "");
  });

  it("requires Node-RED to know each run, except one that was lost because of a full disk", () => {
    const unknown = {
      ending: "unknown",
      runs: [],
      journalTrouble: ["Run journal: the file of r was removed, because"],
    } as const;
    match(found({ ...unknown, journalTrouble: [] }, { excused: ["journal"] }), /knows 0 of 1 runs/);
    equal(found(unknown, { excused: ["journal"] }), "");
  });
});
