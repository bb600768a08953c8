import { deepEqual, equal } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../../scripts/local/package-root.ts";
import { commandRun } from "../../scripts/local/run-command.ts";
import { until } from "../nodes/support/until.ts";
import { buttonsOf, isDone } from "./support/buttons.ts";
import { stepOf, usePipeline } from "./support/pipeline.ts";
import type { FlowNode } from "./support/restarts.ts";

const CLOCK = "every night at 02:00";

describe("the nightly example", () => {
  const pipeline = usePipeline({ nodeRed: "node-red", worker: "instant", flow: "nightly.json" });
  const buttons = buttonsOf(pipeline);

  it("starts at two each night", async () => {
    const text = await readFile(join(PACKAGE_ROOT, "examples", "nightly.json"), "utf8");
    const clocks = (JSON.parse(text) as FlowNode[]).filter(({ type }) => type === "inject");
    deepEqual(
      clocks.map(({ crontab, once }) => [crontab, once]),
      [["00 02 * * *", false]],
    );
  });

  it("makes a selection and stops the instance; another night starts nothing in the meantime", async () => {
    const { faults } = pipeline.stack.sandbox;
    faults.runNeverEnds = true;
    const selecting = await buttons.runOf(
      () => buttons.press(CLOCK),
      (run) => stepOf(run, "lightly-ssm-run-script")?.progress?.state === "InProgress",
    );
    await buttons.press(CLOCK);
    await until(() => pipeline.log.some((line) => line.endsWith(`no new run] ${selecting.runId}`)));
    deepEqual(
      (await buttons.runs()).map(({ runId }) => runId),
      [selecting.runId],
    );
    await commandRun(pipeline.stack.nodeRed.url, selecting.runId, "abort");
    await buttons.untilRun(selecting.runId, isDone);
    equal(await pipeline.instance(), "stopped");
  });

  it("starts a new run in the next night", async () => {
    const run = await buttons.runOf(() => buttons.press(CLOCK), isDone);
    equal(run.state, "completed", JSON.stringify(run.error));
    equal(run.steps.length, 4);
    equal(await pipeline.instance(), "stopped");
    equal((await buttons.runs()).length, 2);
  });
});
