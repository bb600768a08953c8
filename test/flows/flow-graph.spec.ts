import { deepEqual, equal } from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type NodeRedProcess, startNodeRed } from "../../scripts/local/node-red-process.ts";
import type { JournalStep } from "../../src/journal/journal-run.ts";
import { fileNameOf } from "../../src/journal/read-journal.ts";
import { readRunLines } from "../../src/journal/run-lines.ts";
import type { RunRecord } from "../../src/records/run-record.ts";
import { until } from "../nodes/support/until.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { flowOf, GRAPH_CASES } from "./support/graph-cases.ts";

for (const version of ["node-red", "node-red-4"] as const) {
  describe(`the steps that a message of a step may reach, in ${version}`, () => {
    const folder = temporaryFolder();
    let nodeRed: NodeRedProcess;

    before(async () => {
      const flow = join(folder, "flow.json");
      await writeFile(flow, JSON.stringify(GRAPH_CASES.flatMap(flowOf)));
      nodeRed = await startNodeRed({
        userDir: join(folder, "user"),
        flow,
        environment: {},
        package: version,
      });
    });
    after(() => nodeRed?.close());

    for (const [number, { what, to, since5 }] of GRAPH_CASES.entries()) {
      if (since5 && version === "node-red-4") {
        continue;
      }
      it(`are known behind ${what}: ${to.join(", ") || "none"}`, async () => {
        const runId = `case-${number}`;
        equal((await fetch(`${nodeRed.url}/case/${number}`, { method: "POST" })).status, 200);
        const read = async (): Promise<RunRecord> =>
          (await (await fetch(`${nodeRed.url}/lightly-aws/runs/${runId}`)).json()) as RunRecord;
        await until(async () => (await read()).state === "failed");
        const file = join(folder, "user", "lightly-aws", "runs", fileNameOf(runId));
        const saved = async (): Promise<JournalStep | undefined> => {
          const content = readRunLines(await readFile(file, "utf8"));
          return "run" in content ? content.run.steps[0] : undefined;
        };
        await until(async () => (await saved())?.state === "failed");
        const step = await saved();
        const expected = step?.outbox?.find(({ outlet }) => outlet === "error")?.to ?? [];
        // A dynamic link call of another case may have called any link.
        const own = expected.filter((id) => id === "*" || id.startsWith(`c${number}_`));
        deepEqual(own.map((id) => id.replaceAll(`c${number}_`, "")).toSorted(), [...to]);
        equal((await read()).endedAt === undefined, to.length > 0, "a run that expects no step is over at once");
      });
    }
  });
}
