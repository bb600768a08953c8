import { deepEqual, equal } from "node:assert/strict";
import type { NodeAPI } from "node-red";
import { publishChanges } from "../../src/plugins/runs/publish-changes.ts";
import { runs } from "../../src/runs/run-registry.ts";
import { until } from "../nodes/support/until.ts";

describe("the changes of the runs", () => {
  it("are published and logged before anybody has requested them", async () => {
    const published: unknown[] = [];
    const comms = { publish: (topic: string, { cursor }: { cursor: number }) => published.push([topic, cursor]) };
    const changeLog = publishChanges({ comms } as unknown as NodeAPI);
    const { cursor } = changeLog();
    runs.begin("run-1", { nodeId: "n", type: "lightly-s3-upload", role: "upload", name: "", alwaysRuns: false });
    await until(() => published.length > 0);
    equal(changeLog(), changeLog());
    const { changed } = changeLog().since(cursor);
    deepEqual(
      changed.map(({ runId }) => runId),
      ["run-1"],
    );
    deepEqual(published, [["lightly-aws/runs", changeLog().cursor]]);
  });
});
