import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import type { Sandbox } from "lightly-aws-sandbox";
import type { Locator } from "playwright-core";
import { testClips } from "../../sandbox/test/clips/test-clips.ts";
import { type LocalStack, startLocalStack } from "../../scripts/local/local-stack.ts";
import { type NodeRedProcess, startNodeRed } from "../../scripts/local/node-red-process.ts";
import { PACKAGE_ROOT } from "../../scripts/local/package-root.ts";
import { ERROR_CODES } from "../../src/errors/error-codes.ts";
import type { RunRecord, StepRecord } from "../../src/records/run-record.ts";
import { until } from "../nodes/support/until.ts";
import { HANG_MS } from "../support/limits.ts";
import { itInCurrent, NODE_REDS } from "../support/node-reds.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { untilPassed } from "../support/until-passed.ts";
import { seriousFaults } from "./accessibility.ts";
import { type EditorPage, nodeNamed, takePictures } from "./editor-page.ts";
import { openRunsPanel, playReader, type RunsPanelPage, showAnotherTab } from "./runs-panel-page.ts";
import { useEditor } from "./use-editor.ts";

/** Holds the upload until it is removed, so that a run does not end before a test has seen it. */
const HELD_UPLOAD = { service: "s3", operation: "PutObject", kind: "latency", latencyMs: HANG_MS } as const;
const NAMES = ["download video", "upload to S3", "start instance", "run worker", "select 10 % of the frames"];

for (const nodeRedPackage of NODE_REDS) {
  describe(`the Runs panel in ${nodeRedPackage}`, () => {
    const itIn5 = itInCurrent(nodeRedPackage);
    const folder = temporaryFolder();
    let stack: LocalStack;
    let sandbox: Sandbox;
    let restarted: NodeRedProcess | undefined;
    let editor: EditorPage;
    let panel: RunsPanelPage;

    const trigger = async (): Promise<string> => {
      const response = await fetch(`${opened.url}/lightly-pipeline`, { method: "POST" });
      return ((await response.json()) as { runId: string }).runId;
    };
    const read = async (runId: string): Promise<RunRecord> =>
      (await (await fetch(`${opened.url}/lightly-aws/runs/${runId}`)).json()) as RunRecord;
    const shows = (state: string) => panel.state.filter({ hasText: state }).waitFor();
    const rowShows = (runId: string, state: string) => panel.row(runId).filter({ hasText: state }).waitFor();
    const statusOf = (name: string): Locator => nodeNamed(editor.page, name).locator(".red-ui-flow-node-status-label");
    const isSelecting = ({ type, checkpoint }: StepRecord): boolean =>
      type === "lightly-run" && checkpoint?.scheduledRunId !== undefined;
    const untilSelecting = async (runId: string): Promise<void> =>
      until(async () => (await read(runId)).steps?.some(isSelecting) ?? false);

    const opened = useEditor(async () => {
      stack = await startLocalStack({
        videosDir: await testClips(),
        stateDir: folder,
        nodeRedPackage,
        delays: { startMs: 300, onlineMs: 300, stopMs: 500, deliveryMs: 50, workerPollMs: 100 },
        worker: "instant",
      });
      const close = async (): Promise<void> => {
        await restarted?.close();
        await stack.close();
      };
      return { url: stack.nodeRed.url, close };
    });
    before(async () => {
      sandbox = stack.sandbox;
      editor = opened.editor;
      panel = await openRunsPanel(editor.page);
    });
    afterEach(() => sandbox?.faults.clear());

    it("shows that there are no runs yet, and how to start one", async () => {
      await untilPassed(async () => match((await panel.root.getByRole("status").textContent()) ?? "", /No runs yet/));
    });

    it("can be opened by an action of the editor", async () => {
      const { page } = editor;
      await showAnotherTab(page);
      await panel.root.waitFor({ state: "hidden" });
      await page.keyboard.press("Control+Shift+p");
      await page.locator("input:focus").waitFor();
      await page.keyboard.type("lightly runs");
      await page.locator(".red-ui-search-result:visible").first().waitFor();
      await page.keyboard.press("Enter");
      await panel.root.waitFor();
    });

    it("shows a run live from its first step to its end, with the log of each step", async () => {
      const held = sandbox.faults.add(HELD_UPLOAD);
      const runId = await trigger();
      await rowShows(runId, "running");
      match((await panel.row(runId).textContent()) ?? "", /Lightly pipeline.*POST \/lightly-pipeline/);
      await panel.open(runId);
      await shows("running");
      await panel.root.getByText("Triggered by: POST /lightly-pipeline").waitFor();
      sandbox.faults.remove(held);
      await shows("completed");
      await untilPassed(async () => {
        for (const name of NAMES) {
          equal(await panel.step(name).getAttribute("data-state"), "completed", name);
        }
        equal(await panel.root.locator(".lightly-runs-gantt .lightly-runs-bar").count(), 6);
      });
      await takePictures(editor.page, `panel-run-${nodeRedPackage}`);
    });

    it("shows state, steps and buttons without scrolling, in the height that Node-RED 5 gives it", async () => {
      const bottom = async (element: Locator): Promise<number> => {
        const box = await element.boundingBox();
        return box === null ? Number.POSITIVE_INFINITY : box.y + box.height;
      };
      const end = await bottom(panel.root);
      const { y = 0, height = 0 } = (await panel.root.boundingBox()) ?? {};
      ok(nodeRedPackage !== "node-red" || height < 320, `${height} px at ${y}`);
      for (const part of [panel.state, panel.step("stop instance"), panel.line, panel.action("Run again")]) {
        ok((await bottom(part)) <= end, String(part));
      }
    });

    it("shows what a step of the run has done in the strip and on its node, and selects the node", async () => {
      await panel.step("upload to S3").click();
      match((await panel.line.textContent()) ?? "", /^upload to S3 \d.* [KM]iB$/);
      const status = statusOf("upload to S3");
      await untilPassed(async () => match((await status.textContent()) ?? "", /^\d.* [KM]iB$/));
      await editor.page.locator(".red-ui-flow-node-selected").first().waitFor();
      await panel.back();
    });

    itIn5("shows a failed run with its error, and retries it", async () => {
      const held = sandbox.faults.add(HELD_UPLOAD);
      sandbox.faults.add({ service: "s3", operation: "PutObject", kind: "status", status: 403, code: "AccessDenied" });
      const runId = await trigger();
      // Only when the selection is scheduled, its branch reaches the stop too.
      await untilSelecting(runId);
      sandbox.faults.remove(held);
      await rowShows(runId, "failed");
      await panel.open(runId);
      await until(async () => (await read(runId)).steps.every(({ endedAt }) => endedAt !== undefined));
      await panel.root
        .locator(".lightly-runs-error", { hasText: `${ERROR_CODES.S3_ACCESS_DENIED} S3_ACCESS_DENIED` })
        .first()
        .waitFor();
      const opened = new Set<string | null>();
      const stops = panel.root.locator(".lightly-runs-choice", { hasText: "stop instance" });
      await stops.nth(1).waitFor();
      for (const stop of await stops.all()) {
        await stop.click();
        opened.add(await panel.root.locator('.lightly-runs-strip > [aria-pressed="true"]').getAttribute("data-step"));
      }
      equal(opened.size, 2, "the stop by the flow's Catch and the one behind the selection can both be hit");
      await untilPassed(async () => {
        equal(await panel.action("Abort").getAttribute("aria-disabled"), "true");
        equal(await panel.action("Abort").getAttribute("title"), "The run has ended.");
      });
      // The run before has left "Exit code 0" and the number of its frames.
      for (const name of ["start instance", "run worker", "result"]) {
        await until(async () => (await statusOf(name).allTextContents()).join("") === "");
      }
      await takePictures(editor.page, `panel-failed-${nodeRedPackage}`);
      sandbox.faults.clear();
      await panel.action("Retry").click();
      await shows("completed");
      await untilPassed(async () => {
        equal(await panel.step("upload to S3").getAttribute("data-state"), "completed");
        equal(await panel.action("Retry").getAttribute("title"), "No step of the run has failed.");
        equal(await panel.action("Run again").getAttribute("aria-disabled"), "false");
      });
      await takePictures(editor.page, `panel-retried-${nodeRedPackage}`);
    });

    itIn5("shows a run whose Lightly run crashed as failed, and retries it", async () => {
      sandbox.faults.workerCrash = true;
      await panel.back();
      const runId = await trigger();
      await rowShows(runId, "failed");
      const isStopped = ({ role, state }: StepRecord) => role === "stop" && state === "completed";
      await until(async () => (await read(runId)).steps.some(isStopped));
      await panel.open(runId);
      await panel.root
        .locator(".lightly-runs-error", { hasText: `${ERROR_CODES.LIGHTLY_RUN_CRASHED} LIGHTLY_RUN_CRASHED` })
        .first()
        .waitFor();
      await untilPassed(async () => equal(await panel.step("select 10 %").getAttribute("data-state"), "failed"));
      deepEqual(await seriousFaults(editor.page, ".lightly-runs"), []);
      await takePictures(editor.page, `panel-crashed-${nodeRedPackage}`);
      sandbox.faults.clear();
      await panel.action("Retry").click();
      await shows("completed");
    });

    itIn5("reruns a run, and opens the new one", async () => {
      await panel.action("Run again").click();
      await panel.root.getByText("Triggered by: Run again (").waitFor();
      await shows("completed");
      await panel.back();
    });

    it("aborts a run after the user has confirmed it", async () => {
      sandbox.faults.runNeverEnds = true;
      const runId = await trigger();
      await rowShows(runId, "running");
      await panel.open(runId);
      await untilSelecting(runId);
      await panel.action("Abort").click();
      await panel.root.getByRole("button", { name: "Keep running" }).click();
      equal((await read(runId)).state, "running");
      await panel.action("Abort").click();
      await takePictures(editor.page, `panel-working-${nodeRedPackage}`);
      await panel.root.getByRole("button", { name: "Abort run" }).click();
      await shows("aborted");
      await panel.root.getByText("You aborted this run.").waitFor();
      equal(await panel.root.getByText("admin API").count(), 0);
      await until(async () => (await read(runId)).steps.every(({ endedAt }) => endedAt !== undefined));
      await panel.back();
      await rowShows(runId, "aborted");
    });

    it("has no buttons for users without write permission", async () => {
      const runId = (await panel.rows.first().getAttribute("data-run")) ?? "";
      await playReader(editor.page, true);
      await panel.open(runId);
      equal(await panel.action("Run again").isVisible(), false);
      await playReader(editor.page, false);
      await panel.back();
      await panel.open(runId);
      await untilPassed(async () => equal(await panel.action("Run again").isVisible(), true));
      await panel.back();
    });

    it("can be used by keyboard: rows by arrow keys, the steps of a run, its timeline, and back to the row", async () => {
      const { page } = editor;
      await panel.rows.first().getByRole("button").focus();
      await page.keyboard.press("ArrowDown");
      const runId = await panel.rows.nth(1).getAttribute("data-run");
      await page.keyboard.press("Enter");
      const steps = panel.root.locator(".lightly-runs-strip > button");
      await steps.first().focus();
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("Enter");
      equal(await steps.nth(1).getAttribute("aria-pressed"), "true");
      const bars = panel.root.locator(".lightly-runs-choice");
      await panel.root.locator('.lightly-runs-choice[tabindex="0"]').focus();
      await page.keyboard.press("End");
      const last = await bars.last().getAttribute("aria-label");
      equal(await page.locator(":focus").getAttribute("aria-label"), last);
      await page.keyboard.press("ArrowUp");
      equal(await panel.root.locator('.lightly-runs-choice[tabindex="0"]').count(), 1);
      const name = (await page.locator(":focus").getAttribute("aria-label"))?.split(":")[0] ?? "";
      await page.keyboard.press("Enter");
      equal(await panel.line.locator("strong").textContent(), name);
      await panel.root.locator(".lightly-runs-head > button").focus();
      await page.keyboard.press("Enter");
      equal(await page.locator(":focus").locator("xpath=..").getAttribute("data-run"), runId);
    });

    it("clears what it has shown on the nodes when the run is left", async () => {
      const runId = (await panel.rows.filter({ hasText: "aborted" }).first().getAttribute("data-run")) ?? "";
      const status = statusOf("select 10 %");
      const live = await status.textContent();
      await panel.open(runId);
      await until(async () => (await status.textContent()) === "aborted");
      await panel.back();
      await untilPassed(async () => equal(await status.textContent(), live));
    });

    itIn5("keeps what it shows while another run reports, and then shows the last report", async () => {
      const shown = (await panel.rows.filter({ hasText: "aborted" }).first().getAttribute("data-run")) ?? "";
      await panel.open(shown);
      await until(async () => (await statusOf("select 10 %").textContent()) === "aborted");
      const other = await trigger();
      const hasEnded = async () => (await read(other)).steps.every(({ endedAt }) => endedAt !== undefined);
      await until(async () => (await read(other)).endedAt !== undefined && (await hasEnded()));
      equal(await statusOf("select 10 %").textContent(), "aborted");
      await panel.back();
      await until(async () => (await statusOf("stop instance").textContent()) === "stopped");
      await untilPassed(async () => {
        match((await statusOf("upload to S3").textContent()) ?? "", / uploaded$/);
        match((await statusOf("run worker").textContent()) ?? "", /^exit code 0/i);
      });
    });

    itIn5("opens the full page of the run in another tab", async () => {
      const runId = (await panel.rows.first().getAttribute("data-run")) ?? "";
      await panel.open(runId);
      const link = panel.root.getByRole("link", { name: "Open the Runs page" });
      const [opened] = await Promise.all([editor.page.context().waitForEvent("page"), link.click()]);
      await opened.locator(".lightly-page-id code", { hasText: runId }).waitFor();
      await opened.close();
      await panel.back();
    });

    it("has no serious accessibility violation in its list and on a run's page, in both themes, 300 pixels wide", async () => {
      const { page } = editor;
      await panel.root.evaluate((root) => {
        (root as unknown as { style: { width: string } }).style.width = "300px";
      });
      deepEqual(await seriousFaults(page, ".lightly-runs"), []);
      await panel.open((await panel.rows.last().getAttribute("data-run")) ?? "");
      deepEqual(await seriousFaults(page, ".lightly-runs"), []);
      const tooWide = await panel.root
        .locator(".lightly-runs-run")
        .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
      equal(tooWide, 0);
      await takePictures(page, `panel-300-${nodeRedPackage}`, panel.root);
      await panel.back();
    });

    itIn5("marks a run that is not saved to disk, in its row and on its page", async () => {
      const { page } = editor;
      const unsavedReason = "ENOSPC: no space left on the disk";
      await page.route("**/lightly-aws/changes*", async (route) => {
        const response = await route.fetch();
        const changes = (await response.json()) as { changed: object[] };
        await route.fulfill({
          response,
          json: { ...changes, changed: changes.changed.map((run) => ({ ...run, unsavedReason })) },
        });
      });
      await page.route(/lightly-aws\/runs\/[^/]+$/, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, json: { ...((await response.json()) as object), unsavedReason } });
      });
      const runId = await trigger();
      const row = panel.row(runId).getByText("not saved to disk");
      await row.waitFor();
      equal(await row.getAttribute("title"), unsavedReason);
      await panel.open(runId);
      await panel.root.getByText(`Not saved to disk: ${unsavedReason}. If Node-RED restarts now`).waitFor();
      deepEqual(await seriousFaults(page, ".lightly-runs"), []);
      await takePictures(page, `panel-unsaved-${nodeRedPackage}`, panel.root);
      await page.unroute("**/lightly-aws/changes*");
      await page.unroute(/lightly-aws\/runs\/[^/]+$/);
      await until(async () => (await read(runId)).endedAt !== undefined);
      await panel.back();
      await panel.open(runId);
      await shows("completed");
      await untilPassed(async () => equal(await panel.root.locator(".lightly-runs-stale").isVisible(), false));
      await panel.back();
    });

    itIn5("shows why an action failed", async () => {
      const runId = (await panel.row("").or(panel.rows).first().getAttribute("data-run")) ?? "";
      await panel.open(runId);
      await editor.page.route("**/rerun", (route) =>
        route.fulfill({ status: 409, json: { code: "RUN_NOT_RETRYABLE", message: "The run can't be run again: no." } }),
      );
      await panel.action("Run again").click();
      await panel.root.getByRole("alert").filter({ hasText: "can't be run again" }).waitFor();
      await editor.page.unroute("**/rerun");
      await panel.back();
    });

    it("continues after a restart of Node-RED, with the run that resumes", async () => {
      sandbox.faults.runNeverEnds = true;
      const runId = await trigger();
      await rowShows(runId, "running");
      await panel.open(runId);
      await untilSelecting(runId);
      await stack.nodeRed.kill();
      restarted = await startNodeRed({
        package: nodeRedPackage,
        userDir: join(folder, "node-red"),
        port: Number(new URL(opened.url).port),
        flow: join(PACKAGE_ROOT, "examples", "flows.json"),
        environment: sandbox.environment,
      });
      await panel.root.locator(".lightly-runs-lane", { hasText: "resumed 1x" }).first().waitFor();
      equal((await read(runId)).state, "running");
      await takePictures(editor.page, `panel-resumed-${nodeRedPackage}`);
      await panel.action("Abort").click();
      await panel.root.getByRole("button", { name: "Abort run" }).click();
      await shows("aborted");
      await panel.back();
      await rowShows(runId, "aborted");
    });

    itIn5("shows all runs after a reload, and filters them", async () => {
      await editor.page.reload();
      panel = await openRunsPanel(editor.page);
      await panel.rows.first().waitFor();
      await untilPassed(async () => equal(await panel.rows.count(), 8));
      await panel.root.getByLabel("State").selectOption("aborted");
      await untilPassed(async () => equal(await panel.rows.count(), 2));
      await untilPassed(async () => match((await panel.root.getByRole("status").textContent()) ?? "", /2 of 8/));
      await panel.root.getByLabel("State").selectOption("all");
      await panel.root.getByLabel("Search").fill("POST lightly");
      await untilPassed(async () => equal(await panel.rows.count(), 7));
      await panel.root.getByLabel("Search").fill("nothing of that");
      await untilPassed(async () => equal(await panel.rows.count(), 0));
      await panel.root.getByLabel("Search").fill("");
      await takePictures(editor.page, `panel-list-${nodeRedPackage}`);
    });

    it("has no script error except for the interrupted connection", () => {
      const others = editor.faults.filter((fault) => !/WebSocket|ERR_CONNECTION|ERR_EMPTY|409|ERR_|404/.test(fault));
      deepEqual(others, []);
    });
  });
}
