import { deepEqual } from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Fact } from "../../../src/runs/facts/fact.ts";
import { fileNameOf } from "../../../src/runs/journal/file-name.ts";
import { openFlow, takeUp, upload } from "../fake-flow.ts";
import { useRestarts } from "../restarts.ts";

const KNOWN: readonly Fact[] = [
  { kind: "command-started", instanceId: "i-1", commandId: "c" },
  { kind: "command-ended", instanceId: "i-1", commandId: "c", succeeded: false, summary: "exit code 1" },
  { kind: "instances-stopping", instanceIds: ["i-1"] },
  { kind: "instances-stopped", instanceIds: ["i-1"] },
  { kind: "instances-released", instanceIds: ["i-1"] },
  { kind: "selection", state: "awaited" },
];

const UNKNOWN: readonly unknown[] = [
  null,
  "text",
  {},
  { kind: "of a later version" },
  { kind: "constructor" },
  { kind: "command-started", instanceId: "i-1" },
  { kind: "command-ended", instanceId: "i-1", commandId: "c", succeeded: "yes", summary: "" },
  { kind: "instances-stopped", instanceIds: "i-1" },
  { kind: "instances-stopping", instanceIds: [1] },
  { kind: "selection", state: "somewhere" },
];

describe("the facts of a journal", () => {
  const node = useRestarts();

  it("come back in their order, without those that this version does not know", async () => {
    const { nodeId, type, name, alwaysRuns } = upload;
    const step = { stepId: "r/1", nodeId, type, name, alwaysRuns, startedAt: node.time.now(), state: "working" };
    const facts = KNOWN.flatMap((fact, index) => [fact, UNKNOWN[index]]).concat(UNKNOWN.slice(KNOWN.length));
    const run = { version: 1, runId: "r", startedAt: node.time.now(), steps: [step], facts };
    await mkdir(node.path, { recursive: true });
    await writeFile(join(node.path, fileNameOf("r")), JSON.stringify(run));
    const runs = node.restart();
    const flow = openFlow(runs);
    takeUp(runs);
    const heard: Fact[] = [];
    for (const kind of new Set(KNOWN.map((fact) => fact.kind))) {
      flow.upload.resumed[0]?.facts.on(kind, (fact) => heard.push(fact));
    }
    deepEqual(heard, KNOWN);
  });
});
