import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict";
import type { Calibration } from "./calibration.ts";
import { momentsOf, planTroubles } from "./failing-plan.ts";
import { FAILURE_CAUSES } from "./failure-causes.ts";

const CALIBRATION: Calibration = {
  video: "small",
  end: "failed SSM_ACCESS_DENIED",
  lengthMs: 1500,
  journalWrites: 9,
  writesBeforeStop: 5,
  operations: [
    { service: "ec2", operation: "DescribeInstances", count: 4 },
    { service: "ec2", operation: "StartInstances", count: 1 },
    { service: "ec2", operation: "StopInstances", count: 1 },
    { service: "ssm", operation: "SendCommand", count: 2 },
    { service: "lightly", operation: "GET /v1/datasets/{datasetId}/docker/worker/schedule", count: 1 },
    { service: "lightly", operation: "PUT /v1/datasets/{datasetId}/docker/worker/schedule/{scheduledId}", count: 1 },
  ],
};

describe("The plan of the runs that fail", () => {
  const rounds = planTroubles(3, FAILURE_CAUSES.length * 8, FAILURE_CAUSES);
  const plan = rounds.map((round) => ({ round, ...momentsOf(3, round, CALIBRATION, FAILURE_CAUSES.length) }));

  it("is the same for the same seed and any number of rounds, and different for another seed", () => {
    deepEqual(planTroubles(3, 5, FAILURE_CAUSES), rounds.slice(0, 5));
    notDeepEqual(planTroubles(4, FAILURE_CAUSES.length, FAILURE_CAUSES), rounds.slice(0, FAILURE_CAUSES.length));
  });

  it("has each cause once before any of them is repeated, with a video that shows it", () => {
    equal(new Set(rounds.slice(0, FAILURE_CAUSES.length).map(({ cause }) => cause)).size, FAILURE_CAUSES.length);
    ok(rounds.every(({ cause, video }) => cause.video === undefined || cause.video === video));
  });

  it("makes each service slow in some rounds", () => {
    deepEqual(new Set(rounds.map(({ slow }) => slow)), new Set(["lightly", "s3", "ssm", undefined]));
  });

  it("kills at the refused request and at those of the clean-up, and at no other", () => {
    for (const { round, first } of plan) {
      if (first.by === "request") {
        const isRefused = first.operation === round.cause.operation;
        ok(isRefused || /^StopInstances$|^PUT /.test(first.operation), first.operation);
        ok(!isRefused || first.phase !== "answering", "what is refused is never done");
      }
    }
    ok(plan.some(({ first }) => first.by === "request" && first.operation.startsWith("PUT ")));
    ok(plan.some(({ round, first }) => first.by === "request" && first.operation === round.cause.operation));
  });

  it("kills with each cause in each way", () => {
    for (const cause of FAILURE_CAUSES) {
      const ways = plan.filter(({ round }) => round.cause === cause).map(({ first }) => first.by);
      deepEqual(new Set(ways), new Set(["time", "journal", "request"]), cause.name);
    }
  });

  it("covers each write of the journal around the start of the stop, and no other", () => {
    const writes = plan.flatMap(({ first }) => (first.by === "journal" ? [first.nth] : []));
    deepEqual(new Set(writes.toSorted()), new Set([5, 6, 7, 8]));
  });

  it("kills twice in every fifth round", () => {
    ok(plan.every(({ round, second }) => (second !== undefined) === (round.nr % 5 === 0)));
  });
});
