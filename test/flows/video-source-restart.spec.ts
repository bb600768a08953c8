import { deepEqual, equal, ok } from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunRecord, StepRecord } from "../../src/records/run-record.ts";
import { until } from "../nodes/support/until.ts";
import { HANG_MS } from "../support/limits.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type FlowNode, isOver, useRestarts } from "./support/restarts.ts";
import { AWS, REST, source, TAB, upload } from "./support/video-flow.ts";

const NAMES = Array.from({ length: 12 }, (_, index) => `${index + 10}.mp4`);

describe("a video source whose Node-RED ends and starts again", () => {
  const restarts = useRestarts({ flow: "folder.json", shared: true });
  const folder = temporaryFolder();

  const named = ({ steps }: RunRecord, name: string): StepRecord[] => steps.filter((step) => step.name === name);
  const keys = async (prefix: string): Promise<string[]> => {
    const { record, buckets } = restarts.sandbox;
    return (await record.objects(buckets.input))
      .filter(({ key }) => key.startsWith(`${prefix}/`))
      .map(({ key }) => key.split("/").at(-1) ?? "")
      .sort();
  };

  async function order(runId: string, action: "abort" | "retry"): Promise<void> {
    const headers = { "content-type": "application/json" };
    const { status } = await fetch(`${restarts.url}/lightly-aws/runs/${runId}/${action}`, { method: "POST", headers });
    equal(status, 200);
  }

  /** Starts the flow, and resolves with the run when some uploads are completed and others are not. */
  async function untilInTheMiddle(prefix: string, runs: "one" | "each"): Promise<RunRecord> {
    await mkdir(folder, { recursive: true });
    await Promise.all(NAMES.map((name) => writeFile(join(folder, name), "video")));
    await restarts.start();
    const wires = runs === "each" ? [[]] : [["join"]];
    await restarts.deploy(
      (nodes) =>
        [
          ...nodes.filter(({ id }) => id === TAB || id === AWS),
          ...[source({ folder, runs }), upload({ prefix, wires }), ...REST],
        ] as FlowNode[],
    );
    const held = { service: "s3", operation: "PutObject", kind: "latency", latencyMs: HANG_MS, after: 4 } as const;
    restarts.sandbox.faults.add(held);
    const before = (await restarts.runs()).length;
    await until(async () => (await fetch(`${restarts.url}/inject/go`, { method: "POST" })).ok);
    let run: RunRecord | undefined;
    await until(async () => {
      run = (await restarts.runs()).slice(before).find(({ steps }) => steps[0]?.name === "source");
      return (run?.steps[0]?.sequence?.ended ?? 0) >= 3;
    });
    return run as RunRecord;
  }

  for (const end of ["kill", "close"] as const) {
    it(`sends each video once, although it ends by ${end}, and the join node behind it is completed`, async () => {
      const { runId } = await untilInTheMiddle(end, "one");
      await restarts.nodeRed[end]();
      ok((await keys(end)).length < NAMES.length, "not all of them are uploaded");
      restarts.sandbox.faults.clear();
      await rm(join(folder, "21.mp4"));
      await writeFile(join(folder, "00.mp4"), "not in the list");
      await restarts.start();
      const run = await restarts.untilRun(runId, isOver);
      equal(run.state, "completed", JSON.stringify(run.error));
      deepEqual(
        await keys(end),
        NAMES.filter((name) => name !== "21.mp4"),
      );
      equal(named(run, "joined").length, 1);
      equal(named(run, "ended").length, 1);
      deepEqual(
        named(run, "source")[0]?.sequence?.failures.map(({ code }) => code),
        ["SOURCE_NOT_FOUND"],
      );
      await rm(join(folder, "00.mp4"));
    });
  }

  it("says which video can't be restored because its name looks like a secret, and sends the others", async () => {
    const name = "top-secret plan.mp4";
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, name), "video");
    const { runId } = await untilInTheMiddle("masked", "one");
    await restarts.nodeRed.kill();
    restarts.sandbox.faults.clear();
    await restarts.start();
    const run = await restarts.untilRun(runId, isOver);
    await rm(join(folder, name));
    equal(run.state, "completed", JSON.stringify(run.error));
    deepEqual(await keys("masked"), NAMES);
    const failures = named(run, "source")[0]?.sequence?.failures.map(({ index, code }) => [index, code]);
    deepEqual(failures, [[NAMES.length, "RESUME_IMPOSSIBLE"]]);
  });

  it("gives each video one run, although it is killed", async () => {
    const { runId } = await untilInTheMiddle("own", "each");
    await restarts.nodeRed.kill();
    restarts.sandbox.faults.clear();
    await restarts.start();
    const run = await restarts.untilRun(runId, isOver);
    equal(run.state, "completed", JSON.stringify(run.error));
    deepEqual(await keys("own"), NAMES);
    const own = (await restarts.runs()).filter((one) => one.runId.startsWith(`${runId}-`));
    equal(own.length, NAMES.length);
    ok(own.every(({ steps }) => steps.length === 1));
  });

  it("has aborted the runs of its videos, although it is killed right after the abort", async () => {
    const { runId } = await untilInTheMiddle("own-aborted", "each");
    await order(runId, "abort");
    await restarts.nodeRed.kill();
    restarts.sandbox.faults.clear();
    const before = await keys("own-aborted");
    await restarts.start();
    await restarts.untilRun(runId, isOver);
    const own = async () => (await restarts.runs()).filter((one) => one.runId.startsWith(`${runId}-`));
    await until(async () => (await own()).every(isOver));
    ok((await own()).some(({ state }) => state === "aborted"));
    deepEqual(await keys("own-aborted"), before);
  });

  it("sends only what is left when its run is aborted and retried", async () => {
    const { runId } = await untilInTheMiddle("retried", "one");
    await order(runId, "abort");
    await restarts.untilRun(runId, isOver);
    const before = await keys("retried");
    ok(before.length < NAMES.length);
    restarts.sandbox.faults.clear();
    await order(runId, "retry");
    const run = await restarts.untilRun(runId, (one) => isOver(one) && named(one, "ended").length > 0);
    equal(run.state, "completed", JSON.stringify(run.error));
    deepEqual(await keys("retried"), NAMES);
  });
});
