import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startSandbox } from "lightly-aws-sandbox";
import type { RunRecord } from "../src/records/run-record.ts";
import type { Bench, Figure } from "./benchmark.ts";
import { startMeasured } from "./measured-node-red.ts";

const VIDEOS = 1000;
const GOAL_S = 600;
/** The check and the submission take five, and the job is looked at every five seconds. */
const MAX_REQUESTS = 5 + GOAL_S / 5;

/** Reads the line of the child, and does the work of an instant worker: it writes down that it was done. */
const COMMAND = 'echo "$LIGHTLY_ITEMS" | sed -n "$((${AWS_BATCH_JOB_ARRAY_INDEX:-0} + 1))p" >> "$DONE"';

export const batch = {
  name: "batch",
  title: "1,000 videos as children of a job of AWS Batch, whose work takes no time",
  measure,
};

async function measure(bench: Bench): Promise<Figure[]> {
  const { signal } = bench;
  const done = join(bench.folder, "done");
  await writeFile(done, "");
  const requests = new Map<string, number>();
  const sandbox = await startSandbox({
    stateDir: join(bench.folder, "sandbox"),
    videosDir: bench.folder,
    delays: { startMs: 0, onlineMs: 0, stopMs: 0, scheduleMs: 20, pullMs: 0 },
    onRequest: ({ service, operation, phase }) => {
      if (service === "batch" && phase === "arrived") {
        requests.set(operation, (requests.get(operation) ?? 0) + 1);
      }
    },
  });
  bench.defer(() => sandbox.close());
  const flow = join(bench.folder, "flow.json");
  await writeFile(flow, JSON.stringify(flowWith(done)));
  const nodeRed = await startMeasured(bench, { name: "batch", flow, environment: sandbox.environment });
  const startedAt = performance.now();
  await fetch(`${nodeRed.url}/videos`, { method: "POST", signal });
  let run: RunRecord | undefined;
  while (run?.endedAt === undefined) {
    await pause(250, undefined, { signal });
    [run] = (await (await fetch(`${nodeRed.url}/lightly-aws/runs`, { signal })).json()) as RunRecord[];
    bench.say(`${run?.steps[0]?.progress?.counts?.values.ended ?? 0} of ${VIDEOS} children`);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const lines = (await readFile(done, "utf8")).trim().split("\n");
  const looks = [...requests.values()].reduce((sum, count) => sum + count, 0);
  return [
    { name: "time for 1,000 videos", unit: "s", values: [seconds], goal: { most: GOAL_S } },
    { name: "videos that are done", unit: "", values: [new Set(lines).size], goal: { least: VIDEOS } },
    { name: "videos that are done twice", unit: "", values: [lines.length - new Set(lines).size], goal: { most: 0 } },
    { name: "jobs submitted", unit: "", values: [requests.get("SubmitJob") ?? 0], goal: { most: 1 } },
    { name: "requests to Batch", unit: "", values: [looks], goal: { most: MAX_REQUESTS } },
  ];
}

function flowWith(done: string): object[] {
  return [
    { id: "tab", type: "tab", label: "batch" },
    { id: "aws", type: "lightly-aws-account", name: "AWS", credentialSource: "chain" },
    { id: "in", type: "http in", z: "tab", url: "/videos", method: "post", wires: [["reply", "run"]] },
    { id: "reply", type: "http response", z: "tab", wires: [] },
    {
      ...{ id: "run", type: "lightly-batch-run", z: "tab", account: "aws", wires: [[], [], []] },
      ...{ queue: "PIPELINE_BATCH_QUEUE", queueType: "env", definition: "PIPELINE_BATCH_DEFINITION" },
      ...{ definitionType: "env", command: JSON.stringify(["sh", "-c", COMMAND]), commandType: "json" },
      ...{ children: "items", items: `[$map([1..${VIDEOS}], function($n) {"v" & $n})]`, itemsType: "jsonata" },
      ...{ environment: [{ name: "DONE", value: done }], retries: "0" },
    },
  ];
}
