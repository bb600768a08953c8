import { deepEqual, doesNotMatch, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { testClips } from "../../sandbox/test/clips/test-clips.ts";
import { startLocalStack } from "../../scripts/local/local-stack.ts";
import { PACKAGE_ROOT } from "../../scripts/local/package-root.ts";
import { pressButton } from "../../scripts/local/studio-flow.ts";
import type { RunRecord } from "../../src/records/run-record.ts";
import { until } from "../nodes/support/until.ts";
import { HANG_MS } from "../support/limits.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { seriousFaults } from "./accessibility.ts";
import { takePictures } from "./editor-page.ts";
import { openRunsPage, type RunsPage } from "./runs-page.ts";
import { openRunsPanel } from "./runs-panel-page.ts";
import { useEditor } from "./use-editor.ts";

const LIST = "a1fb000000000106";

describe("a run with AWS Batch in the Runs view", () => {
  const folder = temporaryFolder();
  let runs: RunsPage;
  let runId = "";
  const opened = useEditor(async () => {
    const stack = await startLocalStack({
      videosDir: await testClips(),
      stateDir: folder,
      flow: join(PACKAGE_ROOT, "examples", "batch.json"),
      delays: { startMs: 300, onlineMs: 300, stopMs: 100, scheduleMs: 100, pullMs: 200 },
    });
    return { url: stack.nodeRed.url, close: () => stack.close() };
  });

  before(async () => {
    runId = await pressButton(opened.url, LIST, AbortSignal.timeout(HANG_MS));
    const read = async (): Promise<RunRecord> =>
      (await (await fetch(`${opened.url}/lightly-aws/runs/${runId}`)).json()) as RunRecord;
    await until(async () => (await read()).state === "completed");
    runs = await openRunsPage(opened.page, opened.url);
    await takePictures(opened.page, "example-batch");
    await runs.page.goto(`${opened.url}/lightly-aws/#run=${runId}&tab=steps`);
    await runs.page.reload();
  });

  it("shows how many children have succeeded, and the phases of the job", async () => {
    const step = runs.step("run the job");
    await step.waitFor();
    match((await step.textContent()) ?? "", /4 of 4 children/);
    await step.locator(".lightly-runs-step-head").click();
    const phases = await step.locator(".lightly-runs-phases > li").allTextContents();
    const names = phases.map((text) => text.replace(/ [\d.]+\u00a0s$/, "").trim());
    // Which of them are seen depends on the moments of the looks.
    ok(names.length > 0);
    deepEqual(
      names.filter((name) => !["submitted", "pending", "runnable", "starting", "running"].includes(name)),
      [],
    );
    await takePictures(runs.page, "panel-batch");
  });

  const TIMES = /Container time \(AWS Batch\): [\d.:]+(?:\u00a0s)?, jobs 4, vCPU time [\d.:]+(?:\u00a0s)?(?!, GPU)/;

  it("shows how long its containers have run, and no cost, which is not known", async () => {
    await runs.tab("Estimated cost").click();
    const cost = runs.page.locator(".lightly-runs-cost");
    await cost.getByText("AWS bills the instances of AWS Batch").waitFor();
    const shown = await cost.innerText();
    match(shown, TIMES);
    doesNotMatch(shown, /\$|Idle is/);
    deepEqual(await seriousFaults(runs.page, ".lightly-page-run"), []);
    await takePictures(runs.page, "page-batch-cost");
  });

  it("shows it in the panel of the editor", async () => {
    const panel = await openRunsPanel(opened.page);
    await panel.row(runId).waitFor();
    await panel.open(runId);
    await panel.root.getByText(TIMES).waitFor();
    doesNotMatch((await panel.root.textContent()) ?? "", /Instance time/);
    await takePictures(opened.page, "panel-batch-usage");
  });
});
