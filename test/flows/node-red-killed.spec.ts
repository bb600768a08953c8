import { deepEqual, equal } from "node:assert/strict";
import { until } from "../nodes/support/until.ts";
import { usePipeline } from "./support/pipeline.ts";

describe("an instance whose Node-RED is killed during a run", () => {
  // A minute of the instance's timer takes 180 ms.
  const pipeline = usePipeline({ nodeRed: "node-red", worker: "instant", delays: { secondMs: 3 } });

  it("stops by itself, although Node-RED does not restart", async () => {
    const { sandbox, nodeRed } = pipeline.stack;
    sandbox.faults.runNeverEnds = true;
    await pipeline.trigger();
    await until(() => sandbox.events.list({ kind: "shutdown" }).length > 0);
    await nodeRed.kill();
    equal(await pipeline.instance(), "running");
    await until(async () => (await pipeline.instance()) === "stopped");

    const [armed] = sandbox.events.list({ kind: "shutdown" });
    deepEqual([armed?.instanceId, armed?.inMs], [sandbox.instanceId, 30 * 60 * 3]);
    const ends = sandbox.events.list({ kind: "instance", after: armed?.id ?? 0 });
    deepEqual(
      ends.map(({ state, reason }) => [state, reason]),
      [
        ["stopping", "Client.InstanceInitiatedShutdown"],
        ["stopped", "Client.InstanceInitiatedShutdown"],
      ],
    );
  });
});
