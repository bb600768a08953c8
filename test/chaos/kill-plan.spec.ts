import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict";
import type { Calibration } from "./calibration.ts";
import { planKills } from "./kill-plan.ts";

const COMMON = [
  { service: "ec2", operation: "StartInstances", count: 1 },
  { service: "ssm", operation: "SendCommand", count: 2 },
  { service: "ssm", operation: "GetCommandInvocation", count: 5 },
];
const CALIBRATIONS: readonly Calibration[] = [
  {
    video: "small",
    end: "completed",
    lengthMs: 1800,
    journalWrites: 7,
    writesBeforeStop: 5,
    operations: [...COMMON, { service: "s3", operation: "PutObject", count: 1 }],
  },
  {
    video: "large",
    end: "completed",
    lengthMs: 2000,
    journalWrites: 8,
    writesBeforeStop: 5,
    operations: [...COMMON, { service: "s3", operation: "UploadPart", count: 3 }],
  },
];

describe("The plan of the kills", () => {
  const rounds = planKills(7, 120, CALIBRATIONS);
  const firsts = rounds.map(({ first }) => first);

  it("is the same for the same seed and any number of rounds, and different for another seed", () => {
    deepEqual(planKills(7, 10, CALIBRATIONS), rounds.slice(0, 10));
    notDeepEqual(planKills(8, 10, CALIBRATIONS), rounds.slice(0, 10));
  });

  it("has kills at all times of the run", () => {
    const times = firsts.flatMap((moment) => (moment.by === "time" ? [moment.ms] : []));
    equal(times.length, 30);
    ok(times.every((ms) => ms >= 0 && ms <= 2000));
    for (const from of [0, 500, 1000]) {
      ok(times.some((ms) => ms >= from && ms < from + 500));
    }
  });

  it("covers every write of the journal, before and after the file is replaced", () => {
    const writes = new Set(
      firsts.flatMap((moment) => (moment.by === "journal" ? [`${moment.nth} ${moment.phase}`] : [])),
    );
    for (let nth = 1; nth <= 7; nth += 1) {
      ok(writes.has(`${nth} started`) && writes.has(`${nth} done`), `write ${nth}`);
    }
  });

  it("covers every request, and changing requests before, during and after they are processed", () => {
    const requests = new Set(
      firsts.flatMap((moment) => (moment.by === "request" ? [`${moment.operation} ${moment.phase}`] : [])),
    );
    for (const operation of ["StartInstances", "SendCommand", "PutObject", "UploadPart"]) {
      for (const phase of ["arrived", "answering", "answered"]) {
        ok(requests.has(`${operation} ${phase}`), `${operation} ${phase}`);
      }
    }
    ok(requests.has("GetCommandInvocation answered"));
  });

  it("uploads in parts to kill at a part", () => {
    for (const { first, video } of rounds) {
      if (first.by === "request" && first.operation === "UploadPart") {
        equal(video, "large");
      }
    }
    ok(rounds.some(({ video }) => video === "small"));
  });

  it("kills twice in every fifth round, including while Node-RED starts", () => {
    const seconds = rounds.flatMap(({ nr, second }) => (second ? [{ nr, by: second.by }] : []));
    ok(seconds.every(({ nr }) => nr % 5 === 0));
    equal(seconds.length, 24);
    deepEqual(new Set(seconds.map(({ by }) => by)), new Set(["start", "time"]));
  });
});
