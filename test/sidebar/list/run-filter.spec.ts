import { deepEqual, equal } from "node:assert/strict";
import type { RunSummary } from "../../../src/records/run-summary.ts";
import { matches, newestFirst } from "../../../src/sidebar/list/run-filter.ts";

const failed: RunSummary = {
  runId: "605be837be3f5cfb",
  state: "failed",
  startedAt: 5,
  endedAt: 9,
  firstStep: { nodeId: "n1", type: "lightly-pexels-download", name: "download video", state: "completed" },
  lastStep: { nodeId: "n2", type: "lightly-s3-upload", name: "upload to S3", state: "failed" },
  completedSteps: 1,
  totalSteps: 2,
  stepStates: ["completed", "failed"],
  errorCode: "S3_ACCESS_DENIED",
};
const NAMES = () => ({ flow: "Nightly pipeline", trigger: "every night", error: "Access to S3 was denied." });
const finds = (search: string, state: "all" | "failed" | "completed" = "all"): boolean =>
  matches(failed, NAMES, { search, state });

describe("the filter of the list of runs", () => {
  it("shows all runs by default", () => equal(finds("  "), true));

  it("filters by state", () => {
    equal(finds("", "failed"), true);
    equal(finds("", "completed"), false);
    equal(finds("upload", "completed"), false);
  });

  it("finds a run by its id, its flow, its steps, their types and its error", () => {
    deepEqual(
      ["605BE837", "nightly", "download video", "lightly-s3-upload", "access_denied"].map((search) => finds(search)),
      [true, true, true, true, true],
    );
  });

  it("finds a run by the words about its error that a list shows", () => equal(finds("access to s3"), true));

  it("requires every word, in any order", () => {
    equal(finds("denied nightly"), true);
    equal(finds("denied weekly"), false);
  });

  it("finds a run without steps only by its id", () => {
    const empty: RunSummary = {
      runId: "r",
      state: "running",
      startedAt: 0,
      completedSteps: 0,
      totalSteps: 0,
      stepStates: [],
    };
    const names = () => ({ flow: "", trigger: "", error: "" });
    equal(matches(empty, names, { search: "r", state: "all" }), true);
    equal(matches(empty, names, { search: "undefined", state: "all" }), false);
  });

  it("finds a run by what has triggered it", () => equal(finds("every night"), true));

  it("filters by the name of the flow", () => {
    const inFlow = (flow: string): boolean => matches(failed, NAMES, { search: "", state: "all", flow });
    deepEqual(["", "Nightly pipeline", "Nightly"].map(inFlow), [true, true, false]);
  });

  it("filters by the local day of the start, including the first and the last day", () => {
    const run = { ...failed, startedAt: new Date(2026, 10, 3, 23, 59).getTime() };
    const between = (from: string, to: string): boolean => matches(run, NAMES, { search: "", state: "all", from, to });
    deepEqual(
      [
        between("2026-11-03", "2026-11-03"),
        between("", "2026-11-03"),
        between("2026-11-04", ""),
        between("", "2026-11-02"),
      ],
      [true, true, false, false],
    );
  });

  it("has the newest run first", () => {
    const runs = [1, 3, 2, 3].map((startedAt, index) => ({ ...failed, startedAt, runId: String(index) }));
    deepEqual(
      runs.toSorted(newestFirst).map(({ runId }) => runId),
      ["3", "1", "2", "0"],
    );
  });
});
