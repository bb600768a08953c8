import { deepEqual, equal, rejects } from "node:assert/strict";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import { failure, select, stop, upload, worker } from "./fake-flow.ts";

describe("a run that the user aborts", () => {
  let runs: RunRegistry;

  beforeEach(() => {
    runs = new RunRegistry();
  });

  it("ends as aborted, with the reason", async () => {
    const step = runs.begin("r", upload);
    await runs.abort("r", "it is not needed.");
    step.drop();
    equal(runs.get("r")?.state, "aborted");
    deepEqual(runs.get("r")?.error, { code: "ABORTED", message: "Stopped: it is not needed.", details: {} });
    equal(runs.get("r")?.steps[0]?.state, "aborted");
  });

  it("informs Catch by one of its steps only", async () => {
    const steps = [runs.begin("r", upload), runs.begin("r", worker), runs.begin("r", select)];
    await runs.abort("r", "it is not needed.");
    deepEqual(
      steps.map(({ abortCause }) => abortCause),
      ["canceled", "sibling failed", "sibling failed"],
    );
  });

  it("does not abort clean-up steps, before and after", async () => {
    const stopping = runs.begin("r", stop);
    const step = runs.begin("r", upload);
    await runs.abort("r", "it is not needed.");
    equal(stopping.signal.aborted, false);
    equal(step.abortCause, "canceled");
    equal(runs.begin("r", stop).signal.aborted, false);
  });

  it("aborts later steps immediately", async () => {
    runs.begin("r", upload);
    await runs.abort("r", "it is not needed.");
    const late = runs.begin("r", select);
    equal(late.abortCause, "sibling failed");
    equal(late.signal.reason.message, "Stopped: it is not needed.");
  });

  it("continues with a message from Catch, even to a step that does not clean up", async () => {
    runs.begin("r", upload);
    await runs.abort("r", "it is not needed.");
    equal(runs.begin("r", stop, { afterError: true }).signal.aborted, false);
    equal(runs.begin("r", select).signal.aborted, true);
    equal(runs.begin("r", worker, { afterError: true }).signal.aborted, false);
  });

  it("is failed if a step had failed before, and aborted if the following stop succeeds", async () => {
    const stopping = runs.begin("failed", stop);
    const step = runs.begin("failed", upload);
    const other = runs.begin("failed", select);
    step.fail(failure);
    await runs.abort("failed", "it is not needed.");
    other.drop();
    stopping.complete({});
    equal(runs.get("failed")?.state, "failed");
    const aborted = runs.begin("aborted", upload);
    await runs.abort("aborted", "it is not needed.");
    aborted.drop();
    runs.begin("aborted", stop).complete({});
    equal(runs.get("aborted")?.state, "aborted");
  });

  it("does not affect other runs", async () => {
    runs.begin("r", upload);
    const stranger = runs.begin("other", upload);
    await runs.abort("r", "it is not needed.");
    equal(stranger.signal.aborted, false);
  });

  it("returns the record after the abort", async () => {
    runs.begin("r", upload);
    const record = await runs.abort("r", "it is not needed.");
    equal(record.runId, "r");
    equal(record.state, "aborted");
    equal(record.steps[0]?.state, "running");
  });

  it("must exist, and have a running step other than a stop", async () => {
    await rejects(() => runs.abort("unknown", "x"), { code: "RUN_NOT_FOUND", details: { runId: "unknown" } });
    runs.begin("over", upload).complete({});
    await rejects(() => runs.abort("over", "x"), { code: "RUN_NOT_ABORTABLE", message: /it is completed/ });
    equal(runs.get("over")?.state, "completed");
    runs.begin("stopping", stop);
    await rejects(() => runs.abort("stopping", "x"), {
      code: "RUN_NOT_ABORTABLE",
      message: /only stop steps are still running/,
    });
    equal(runs.get("stopping")?.error, undefined);
  });
});
