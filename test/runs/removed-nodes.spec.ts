import { equal, match } from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import { manualClock } from "../support/fake-clock.ts";
import { FakeControl } from "./fake-control.ts";
import { failure, select, start, stop, worker } from "./fake-flow.ts";

describe("a node that is deleted or disabled while it is running", () => {
  it("ends its run as aborted, with its other steps, except those that clean up", () => {
    const runs = new RunRegistry();
    const sibling = runs.begin("r", worker);
    const stopping = runs.begin("r", stop);
    const deleted = runs.begin("r", select);
    deleted.abort("removed", "the node was deleted or disabled.");
    deleted.drop();
    equal(sibling.abortCause, "sibling failed");
    equal(stopping.signal.aborted, false);
    sibling.drop();
    stopping.complete({});
    equal(runs.get("r")?.state, "aborted");
    match(runs.get("r")?.error?.message ?? "", /deleted or disabled/);
  });

  for (const state of ["completed", "starting"] as const) {
    it(`makes the guard stop the run's instance once when its start is ${state}`, async () => {
      const { runs, control } = await started("r", state === "completed");
      for (const deleted of [runs.begin("r", select), runs.begin("r", worker)]) {
        deleted.abort("removed", "the node was deleted or disabled.");
        deleted.drop();
      }
      await turn();
      equal(control.tries.length, 1);
      match(control.warnings.join(), /The run r can't continue without its node\. i-1 was stopped\./);
    });
  }

  it("keeps an instance running that was running before, that another run uses, or that its start is set to keep running", async () => {
    for (const more of [{ foundRunning: ["i-1"] }, { onRemoved: "keep" }, { isShared: true }]) {
      const { runs, control } = await started("r", true, more);
      if ("isShared" in more) {
        await runs.begin("other", start).instances.acquire({ ...LEASE, onBusy: "share" });
      }
      const deleted = runs.begin("r", select);
      deleted.abort("removed", "the node was deleted or disabled.");
      deleted.drop();
      await turn();
      equal(control.tries.length, 0);
    }
  });

  it("stops nothing if the run completes, fails, or is aborted after its start, because the flow cleans up", async () => {
    for (const end of ["well", "badly", "aborted"]) {
      const { runs, control } = await started(end, true);
      const selecting = runs.begin(end, select);
      if (end === "well") {
        selecting.complete({});
      } else if (end === "badly") {
        selecting.fail(failure);
      } else {
        await runs.abort(end, "the user.");
        selecting.drop();
      }
      await turn();
      equal(control.tries.length, 0);
    }
  });
});

const LEASE = {
  instanceIds: ["i-1"],
  nodeId: start.nodeId,
  onBusy: "wait",
  signal: new AbortController().signal,
} as const;

/** A run whose start has leased the instance i-1. */
async function started(runId: string, isComplete: boolean, more: object = {}) {
  const runs = new RunRegistry({ later: () => {}, clock: manualClock() });
  const control = new FakeControl();
  const starting = runs.begin(runId, start);
  await starting.instances.acquire(LEASE);
  starting.instances.useControl(["i-1"], control);
  await starting.saveCheckpoint({ instanceIds: ["i-1"], leased: true, foundRunning: [], ...more });
  starting.instances.expectRunning(["i-1"], isComplete);
  if (isComplete) {
    starting.complete({ ec2: { instanceIds: ["i-1"] } });
  }
  return { runs, control, starting };
}
