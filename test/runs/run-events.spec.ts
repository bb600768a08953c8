import { deepEqual, doesNotMatch, equal } from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileNameOf } from "../../src/journal/read-journal.ts";
import type { RunEvent } from "../../src/runs/run-events.ts";
import { openFlow, resumeAll, upload } from "./fake-flow.ts";
import { useRestarts } from "./restarts.ts";

const KNOWN: readonly RunEvent[] = [
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

describe("the events of a journal", () => {
  const node = useRestarts();

  it("are restored in order, without unknown ones", async () => {
    const { nodeId, type, role, name, alwaysRuns } = upload;
    const step = { stepId: "r/1", nodeId, type, role, name, alwaysRuns, startedAt: node.time.now(), state: "running" };
    const events = KNOWN.flatMap((event, index) => [event, UNKNOWN[index]]).concat(UNKNOWN.slice(KNOWN.length));
    const run = { version: 1, runId: "r", startedAt: node.time.now(), steps: [step], events };
    await mkdir(node.path, { recursive: true });
    await writeFile(join(node.path, fileNameOf("r")), JSON.stringify(run));
    const runs = node.restart();
    const flow = openFlow(runs);
    resumeAll(runs);
    const heard: RunEvent[] = [];
    for (const kind of new Set(KNOWN.map((event) => event.kind))) {
      flow.upload.resumed[0]?.events.subscribe(kind, (event) => heard.push(event));
    }
    deepEqual(heard, KNOWN);
  });

  it("are all restored, however many there are, also those after the first write", async () => {
    const runs = node.restart();
    const step = runs.begin("r", upload);
    for (let count = 0; count < 2000; count += 1) {
      step.events.emit({ kind: "command-started", instanceId: "i-1", commandId: `c-${count}` });
      if (count % 500 === 0) {
        await step.saveCheckpoint({ count });
      }
    }
    await runs.flush();
    const later = node.restart();
    const flow = openFlow(later);
    resumeAll(later);
    deepEqual(flow.upload.resumed[0]?.events.latest("command-started")?.commandId, "c-1999");
    const heard: string[] = [];
    flow.upload.resumed[0]?.events.subscribe("command-started", ({ commandId }) => heard.push(commandId));
    equal(new Set(heard).size, 2000);
  });

  it("are only those of the current pass, without secrets", async () => {
    const runs = node.restart();
    const step = runs.begin("r", upload);
    step.events.emit({ kind: "command-started", instanceId: "i-1", commandId: "first pass" });
    await step.saveCheckpoint({ id: 1 });
    step.events.clear();
    const summary = "TOKEN=0123456789abcdef0123456789abcdef --token hunter2hunter2";
    step.events.emit({ kind: "command-ended", instanceId: "i-1", commandId: "c", succeeded: false, summary });
    await step.saveCheckpoint({ id: 2 });
    doesNotMatch(await readFile(join(node.path, fileNameOf("r")), "utf8"), /hunter2/);
    const later = node.restart();
    const flow = openFlow(later);
    resumeAll(later);
    equal(flow.upload.resumed[0]?.events.latest("command-started"), undefined);
    equal(flow.upload.resumed[0]?.events.latest("command-ended")?.commandId, "c");
  });
});
