import assert from "node:assert/strict";
import { type LightlyFixture, startLightly, TOKEN } from "../../../../sandbox/test/lightly/lightly-fixture.ts";
import { createLightlyClient } from "../../../../src/services/lightly/client/lightly-client.ts";
import { prepareDataset } from "../../../../src/services/lightly/datasets/prepare-dataset.ts";
import { scheduleRun } from "../../../../src/services/lightly/runs/schedule-run.ts";
import { parseSelection } from "../../../../src/services/lightly/selection/selection-config.ts";
import { parseWorkerConfig } from "../../../../src/services/lightly/workers/worker-config.ts";
import { never } from "../stub-lightly.ts";
import {
  DATASOURCES,
  INPUT_KEYS,
  illegalValues,
  LEGAL_SELECTIONS,
  LEGAL_WORKER_CONFIG,
  ROOT_KEYS,
  STRATEGY_KEYS,
  selection,
} from "./legal-configs.ts";

describe("the rules of configurations and the independent rules of the sandbox", () => {
  let lightly: LightlyFixture;
  before(async () => {
    lightly = await startLightly();
  });
  after(() => lightly.close());

  it("accept nothing that the sandbox refuses", async () => {
    const client = createLightlyClient({ token: TOKEN, server: lightly.url });
    const { datasetId } = await prepareDataset({
      client,
      name: "legal",
      type: "Videos",
      datasources: DATASOURCES,
      signal: never(),
    });
    // The API checks whether the file in the worker's settings exists.
    lightly.objects.set("lightly-output/lightly/relevant.txt", {
      body: Buffer.from("a.mp4"),
      lastModified: new Date(0),
    });
    const worker = parseWorkerConfig(LEGAL_WORKER_CONFIG);
    assert.ok(LEGAL_SELECTIONS.length > 50);
    for (const given of LEGAL_SELECTIONS) {
      const { configId } = await scheduleRun({
        client,
        datasetId,
        selection: parseSelection(given),
        worker,
        priority: "LOW",
        runsOn: ["gpu"],
        signal: never(),
      }).catch((error: Error) => assert.fail(`${JSON.stringify(given)}: ${error.message}`));
      const stored = await lightly.expect(200, "GET", `/v1/docker/worker/config/vX/${configId}`);
      assert.deepEqual(stored.config.selection, { autoTasks: [], ...given });
    }
  });

  it("refuse nothing that the sandbox accepts", async () => {
    const wrong = [
      ...illegalValues(INPUT_KEYS).map((input) => selection({ input })),
      ...illegalValues(STRATEGY_KEYS).map((strategy) => selection({ strategy })),
      ...illegalValues(ROOT_KEYS).map((root) => selection({ root })),
    ];
    assert.ok(wrong.length > 40);
    for (const given of wrong) {
      const config = { workerType: "FULL", selection: { autoTasks: [], ...given } };
      await lightly.expect(400, "POST", "/v1/docker/worker/config/vX", { version: "V4", creator: "USER_PIP", config });
    }
  });
});
