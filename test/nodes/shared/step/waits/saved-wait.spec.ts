import { deepEqual, equal, ok } from "node:assert/strict";
import { savedWait } from "../../../../../src/nodes/shared/step/waits/saved-wait.ts";
import { RunRegistry } from "../../../../../src/runs/run-registry.ts";
import type { Step } from "../../../../../src/runs/steps/step.ts";
import { contextOf } from "../../../support/step-context.ts";

const MINUTE = 60_000;

describe("A wait in the checkpoint of its step", () => {
  let now: number;
  let step: Step;
  const wait = (facts: Readonly<Record<string, string | number>> = { jobId: "j" }) =>
    savedWait<{ goal: string }>(contextOf(step), "jobWait", facts);
  /** Another process continues the step after this time. */
  const restartAfter = (ms: number): void => {
    now += ms;
    step = step.nextAttempt();
  };

  beforeEach(() => {
    now = Date.parse("2026-01-01T00:00:00Z");
    const runs = new RunRegistry({ now: () => now });
    const node = { nodeId: "n", type: "lightly-batch-run", role: "select", name: "n", alwaysRuns: false } as const;
    step = runs.begin("r", node);
  });

  it("has lasted as long as it had before the restart, and since", () => {
    equal(wait().earlier, undefined);
    restartAfter(5 * MINUTE);
    wait().save({ goal: "instance" });
    restartAfter(7 * MINUTE);
    const { goal, waitedMs = 0 } = wait().earlier ?? {};
    equal(goal, "instance");
    ok(waitedMs >= 7 * MINUTE - 1 && waitedMs < 8 * MINUTE, String(waitedMs));
  });

  it("is another one if it belongs to something else", () => {
    wait().save({ goal: "instance" });
    restartAfter(MINUTE);
    equal(wait({ jobId: "other" }).earlier, undefined);
    equal(wait({ jobId: "j", attempt: 2 }).earlier, undefined);
  });

  it("is removed when it is over", () => {
    wait().save({ goal: "instance" });
    wait().save(undefined);
    deepEqual(contextOf(step).checkpoint, {});
  });

  it("begins again if the date was set back by more than it has lasted", () => {
    restartAfter(5 * MINUTE);
    wait().save({ goal: "instance" });
    restartAfter(-2 * MINUTE);
    equal(wait().earlier, undefined);
  });
});
