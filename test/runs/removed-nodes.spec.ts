import { equal, match } from "node:assert/strict";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import { failure, select, start, stop, worker } from "./fake-flow.ts";

describe("a node that is deleted or disabled under its work", () => {
  it("ends its run as aborted, with its other steps, those excepted that clean up", () => {
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

  it("has what guards the run's instances stop them, once", () => {
    const runs = new RunRegistry();
    let stopped = 0;
    const starting = runs.begin("r", start);
    starting.instances.guard(async () => {
      stopped += 1;
    });
    starting.complete({});
    for (const deleted of [runs.begin("r", select), runs.begin("r", worker)]) {
      deleted.abort("removed", "the node was deleted or disabled.");
      deleted.drop();
    }
    equal(stopped, 1);
  });

  it("calls no guard when the run ends well, fails, or is aborted: then the flow cleans up", async () => {
    const runs = new RunRegistry();
    let stopped = 0;
    for (const runId of ["well", "badly", "aborted"]) {
      const starting = runs.begin(runId, start);
      starting.instances.guard(async () => {
        stopped += 1;
      });
      starting.complete({});
    }
    runs.begin("well", select).complete({});
    runs.begin("badly", select).fail(failure);
    const aborted = runs.begin("aborted", select);
    await runs.abort("aborted", "the user.");
    aborted.drop();
    equal(stopped, 0);
  });
});
