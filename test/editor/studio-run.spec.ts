import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { testClips } from "../../sandbox/test/clips/test-clips.ts";
import { startLocalStack } from "../../scripts/local/local-stack.ts";
import { PACKAGE_ROOT } from "../../scripts/local/package-root.ts";
import { pressButton } from "../../scripts/local/studio-flow.ts";
import type { RunRecord, StepRecord } from "../../src/records/run-record.ts";
import { until } from "../nodes/support/until.ts";
import { HANG_MS } from "../support/limits.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { seriousFaults } from "./accessibility.ts";
import { takePictures } from "./editor-page.ts";
import { openRunsPage, type RunsPage } from "./runs-page.ts";
import { useEditor } from "./use-editor.ts";

const BUTTON = "a1f8000000000105";
const DATABASE = "s3://my-bucket/it's/studio.duckdb";

declare const navigator: { clipboard: { readText(): Promise<string> } };

describe("a run with LightlyStudio in the Runs view", () => {
  const folder = temporaryFolder();
  let runs: RunsPage;
  let runId = "";
  let recorded: RunRecord;
  const opened = useEditor(async () => {
    const stack = await startLocalStack({
      videosDir: await testClips(),
      stateDir: folder,
      flow: join(PACKAGE_ROOT, "examples", "studio.json"),
      delays: { startMs: 200, onlineMs: 200, stopMs: 200, deliveryMs: 50 },
    });
    return { url: stack.nodeRed.url, close: () => stack.close() };
  });
  const read = async (): Promise<RunRecord> =>
    (await (await fetch(`${opened.url}/lightly-aws/runs/${runId}`)).json()) as RunRecord;
  const selecting = () => runs.step("select frames");

  before(async () => {
    runId = await pressButton(opened.url, BUTTON, AbortSignal.timeout(HANG_MS));
    await until(async () => (await read()).state === "completed");
    recorded = await read();
    runs = await openRunsPage(opened.page, opened.url);
  });

  /** Opens the page of the run, with another record of its selection. */
  async function open(change: (step: StepRecord) => object = (step) => step): Promise<void> {
    const steps = recorded.steps.map((step) => (step.role === "select" ? { ...step, ...change(step) } : step));
    await runs.page.unrouteAll();
    await runs.page.route(`**/lightly-aws/runs/${runId}`, (route) => route.fulfill({ json: { ...recorded, steps } }));
    await runs.page.goto(`${opened.url}/lightly-aws/#run=${runId}&tab=steps`);
    await runs.page.reload();
    await selecting().waitFor();
  }

  it("shows how many frames of how many videos it has selected", async () => {
    await open();
    await selecting().locator(".lightly-runs-step-head").click();
    const facts = (await selecting().locator(".lightly-runs-studio").textContent()) ?? "";
    match(facts, /Selected: \d+ of \d+ frames\. Videos: 1, of which 0 could not be decoded\./);
    const phases = await selecting().locator(".lightly-runs-phases > li").allTextContents();
    deepEqual(
      phases.map((text) => text.replace(/ [\d.]+\u00a0s$/, "").trim()),
      ["index and embed", "select", "export", "save"],
    );
    equal(await selecting().getByRole("button", { name: "Open in LightlyStudio" }).isVisible(), false);
    match(facts, /There is no database to open in LightlyStudio: a stand-in of the sandbox selected the frames\./);
  });

  it("divides the bar of the step into its phases, with their durations in the tooltip", async () => {
    const bar = runs.page.locator(".lightly-runs-gantt [role=button]").filter({ hasText: "select frames: completed" });
    equal(await bar.locator(".lightly-runs-phase").count(), 4);
    match((await bar.locator("title").textContent()) ?? "", /\nindex and embed: \d.*\nselect: \d/);
    await bar.scrollIntoViewIfNeeded();
    await takePictures(opened.page, "panel-studio-phases");
  });

  it("shows the frames in the gallery, with pictures from S3", async () => {
    await runs.tab("Selected frames").click();
    const frames = runs.page.locator(".lightly-gallery");
    await frames.getByRole("status").filter({ hasText: "Frames: " }).waitFor();
    const [shown] = await frames.locator(".lightly-gallery-frame").all();
    await shown?.scrollIntoViewIfNeeded();
    await shown?.locator("img").waitFor();
    match((await shown?.getAttribute("aria-label")) ?? "", /^[0-9a-f]{10}\/.*-000000-mp4\.png, at 0 s, frame 0$/);
  });

  it("shows the commands that open its database, each as one to copy", async () => {
    await open((step) => ({ result: { lightly: { ...Object(step.result?.lightly), database: DATABASE } } }));
    await selecting().locator(".lightly-runs-step-head").click();
    const button = selecting().getByRole("button", { name: "Open in LightlyStudio" });
    equal(await button.getAttribute("aria-expanded"), "false");
    equal(await selecting().getByText("There is no database").isVisible(), false);
    await button.click();
    equal(await button.getAttribute("aria-expanded"), "true");
    deepEqual(await selecting().locator(".lightly-runs-commands code").allTextContents(), [
      "aws s3 cp 's3://my-bucket/it'\\''s/studio.duckdb' studio.duckdb",
      "LIGHTLY_STUDIO_ANALYTICS_ENABLED=false lightly-studio gui --db-file studio.duckdb --host 127.0.0.1",
    ]);
    await runs.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await selecting().getByTitle("Copy: Start LightlyStudio").click();
    await selecting().getByRole("button", { name: "Copied" }).waitFor();
    match(await runs.page.evaluate(() => navigator.clipboard.readText()), /^LIGHTLY_STUDIO_.* 127\.0\.0\.1$/);
    deepEqual(await seriousFaults(runs.page, ".lightly-page-run"), []);
    await takePictures(runs.page, "page-studio");
  });

  it("shows the phases of a selection, and the current one, while it runs", async () => {
    const progress = { state: "EXPORT", counts: { key: "frames", values: { done: 3, of: 12 } } };
    await open(({ startedAt }) => {
      const begun = ["start", "index", "select", "export"].map((name) => ({ name, startedAt }));
      return { state: "running", progress, phases: begun, endedAt: undefined, result: undefined };
    });
    const phases = selecting().locator(".lightly-runs-phases");
    deepEqual(
      (await phases.locator("li").allTextContents()).map((text) => text.trim()),
      ["start 0.0\u00a0s", "index and embed 0.0\u00a0s", "select 0.0\u00a0s", "export", "save"],
    );
    equal((await phases.locator("[aria-current=step]").textContent())?.trim(), "export");
    match((await selecting().locator(".lightly-runs-progress").textContent()) ?? "", /3 of 12 frames/);
    deepEqual(await seriousFaults(runs.page, ".lightly-page-run"), []);
  });
});
