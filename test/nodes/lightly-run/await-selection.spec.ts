import { rejects } from "node:assert/strict";
import { PipelineError } from "../../../src/errors/pipeline-error.ts";
import { awaitSelection } from "../../../src/nodes/lightly-run/await-selection.ts";
import { systemClock } from "../../../src/polling/clock.ts";
import { RunRegistry } from "../../../src/runs/run-registry.ts";
import { Connections } from "../../../src/services/http/connections/connections.ts";
import type { LightlyClient } from "../../../src/services/lightly/client/lightly-client.ts";
import { HANG_MS } from "../../support/limits.ts";
import { contextOf } from "../support/step-context.ts";

const DATASET = "a".repeat(24);
const SCHEDULED = "b".repeat(24);
const CONFIG = "c".repeat(24);

describe("The wait for a selection", () => {
  it("detects an ended worker even if Lightly can't be reached at that moment", async () => {
    const runs = new RunRegistry();
    const step = runs.begin("r", {
      nodeId: "n",
      type: "lightly-run",
      role: "select",
      name: "select",
      alwaysRuns: false,
    });
    let answersFrom = Number.NEGATIVE_INFINITY;
    const client: LightlyClient = {
      server: "http://127.0.0.1:9",
      connections: new Connections(),
      clock: systemClock,
      clean: (text) => text,
      async request({ path }) {
        if (performance.now() < answersFrom) {
          throw new PipelineError("LIGHTLY_UNREACHABLE", "No answer.", { retryable: true });
        }
        if (path.startsWith("/v1/docker/runs/schedule/")) {
          throw new PipelineError("LIGHTLY_REQUEST_REFUSED", "None.", { details: { status: 404 } });
        }
        const text = JSON.stringify([{ id: SCHEDULED, configId: CONFIG, state: "OPEN" }]);
        return { endpoint: "GET schedule", status: 200, text };
      },
    };
    const ids = { datasetId: DATASET, scheduledRunId: SCHEDULED };
    const waiting = awaitSelection(contextOf(step), {
      client,
      ...ids,
      pollMs: 10,
      timeoutMs: HANG_MS,
      waitedMs: 0,
      workerWithinMs: 0,
      onState: () => {
        answersFrom = performance.now() + 100;
        const command = { instanceId: "i-1", commandId: "c" };
        step.events.emit({ kind: "command-started", ...command });
        step.events.emit({ kind: "command-ended", ...command, succeeded: false, summary: "Exit code 125." });
      },
    });
    await rejects(waiting, { code: "LIGHTLY_WORKER_ENDED", message: /Exit code 125/ });
  });
});
