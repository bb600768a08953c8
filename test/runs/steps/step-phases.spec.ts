import { deepEqual, equal } from "node:assert/strict";
import type { StepPhase } from "../../../src/records/run-record.ts";
import { withPhase } from "../../../src/runs/steps/recorded-step.ts";
import { upload } from "../fake-flow.ts";
import { useRestarts } from "../restarts.ts";

describe("the phases of a step", () => {
  const node = useRestarts();

  it("begin when they are first reported", () => {
    const step = node.restart().begin("r", upload);
    step.phase("index");
    node.time.advance(1000);
    step.phase("index");
    step.phase("export");
    const { startedAt } = step.record;
    deepEqual(step.record.phases, [
      { name: "index", startedAt },
      { name: "export", startedAt: startedAt + 1000 },
    ]);
  });

  it("may be reported later, all of them each time", () => {
    const all = ["start", "index", "export"].map((name, index) => ({ name, startedAt: index }));
    const twice = [...all.slice(0, 2), ...all].reduce(withPhase, []);
    deepEqual(twice, all);
  });

  it("may come again, and the newest are kept", () => {
    let phases: readonly StepPhase[] = [];
    for (let startedAt = 1; startedAt <= 100; startedAt += 1) {
      phases = withPhase(phases, { name: startedAt % 2 === 0 ? "index" : "export", startedAt });
    }
    equal(phases.length, 50);
    deepEqual(phases.at(-1), { name: "index", startedAt: 100 });
  });

  it("outlast a restart of Node-RED", async () => {
    const before = node.restart();
    const step = before.begin("r", upload);
    step.phase("index");
    const { phases } = step.record;
    await before.flush();
    deepEqual(node.restart().get("r")?.steps[0]?.phases, phases);
  });
});
