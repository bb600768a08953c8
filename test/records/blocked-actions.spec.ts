import { deepEqual } from "node:assert/strict";
import { type BlockedActions, blockedActions } from "../../src/records/blocked-actions.ts";
import type { RunRecord } from "../../src/records/run-record.ts";
import { run, step } from "./a-run.ts";

const of = (record: RunRecord, gone: readonly string[] = [], withoutMessage = false): BlockedActions =>
  blockedActions(record, {
    hasNode: (nodeId) => !gone.includes(nodeId),
    hasMessage: () => !withoutMessage,
    isActive: record.steps.some(({ state }) => state === "running" || state === "interrupted"),
  });
const upload = step("lightly-s3-upload", 0, 1);
const failed = run([upload, step("lightly-run", 0, 1, { state: "failed", parentStepId: upload.stepId })], {
  state: "failed",
});

describe("the actions that are not possible for a run", () => {
  it("are all but abort while a step is running", () =>
    deepEqual(of(run([step("lightly-s3-upload", 0)])), { retry: "active", rerun: "active", delete: "active" }));

  it("are all while only its stop step is running, or while it waits to be resumed", () => {
    const all = { abort: "stopping", retry: "active", rerun: "active", delete: "active" };
    deepEqual(of(run([upload, step("lightly-ec2-stop", 1)])), all);
    deepEqual(of(run([step("lightly-s3-upload", 0, 1, { state: "interrupted" })])), all);
  });

  it("are abort and retry when it is completed", () =>
    deepEqual(of(run([upload])), { abort: "ended", retry: "notFailed" }));

  it("are only abort when it has failed", () => deepEqual(of(failed), { abort: "ended" }));

  it("include those whose nodes are gone", () => {
    deepEqual(of(failed, ["lightly-run"]), { abort: "ended", retry: "nodeGone" });
    deepEqual(of(failed, ["lightly-s3-upload"]), { abort: "ended", rerun: "nodeGone" });
  });

  it("include a rerun whose first message was not saved", () =>
    deepEqual(of(failed, [], true), { abort: "ended", rerun: "messageGone" }));
});
