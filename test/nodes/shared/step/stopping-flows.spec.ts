import { deepEqual, equal } from "node:assert/strict";
import { runs } from "../../../../src/runs/run-registry.ts";
import { loadFlow, useNodeRed } from "../../support/flow.ts";
import { until } from "../../support/until.ts";

describe("a message that arrives while flows are being stopped", () => {
  useNodeRed();

  it("starts its step after the restart: the account of the node may be closed already", async () => {
    const step = { type: "lightly-video-source", kind: "list", list: "payload", listType: "msg", maxConcurrency: "1" };
    const flow = await loadFlow({ step: { ...step, maxFailures: "0" }, outputs: 2 });
    runs.flowsStopping();
    flow.receive({ _msgid: "stopping", payload: ["/data/a.mp4"] });
    await until(() => runs.get("stopping")?.state === "interrupted");
    deepEqual([flow.sent, flow.caught], [[[], []], []]);
    runs.resumeAll();
    await flow.until(() => flow.completed.length > 0);
    equal(flow.sent[0]?.[0]?.payload, "/data/a.mp4");
    equal(runs.get("stopping")?.steps.length, 1);
  });
});
