import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { resumeRunsOnStart } from "../../src/nodes/shared/step/resume-on-start.ts";
import { beforeFirstUse, runsInUse } from "../../src/runs/first-use.ts";
import { runs } from "../../src/runs/run-registry.ts";

describe("the first use of the runs", () => {
  it("is prepared at once when they are in use", () => {
    const prepared: unknown[] = [];
    beforeFirstUse((registry) => prepared.push(registry));
    assert.deepEqual(prepared, [runs]);
    assert.equal(runsInUse(), runs);
  });

  it("lets flows resume them, when they start again too", () => {
    const red = { events: new EventEmitter(), log: { warn: () => {} } };
    resumeRunsOnStart(red as never);
    red.events.emit("flows:stopping");
    assert.equal(runs.areFlowsStopping, true);
    red.events.emit("flows:started");
    assert.equal(runs.areFlowsStopping, false);
  });
});
