import type { Page } from "playwright-core";
import type { RunRecord } from "../../src/records/run-record.ts";
import { nodeNamed } from "../../test/editor/editor-page.ts";
import { openRunsPage } from "../../test/editor/runs-page.ts";
import { openRunsPanel, type RunsPanelPage } from "../../test/editor/runs-panel-page.ts";
import type { LocalStack } from "../local/local-stack.ts";
import { commandRun } from "../local/run-command.ts";
import { watchRun } from "../local/run-watcher.ts";
import { type Album, inTheDark } from "./album.ts";

const LIMIT_MS = 120_000;
/** Wide enough for the flow alone. */
const FLOW = { width: 1300, height: 712 } as const;
/** What many users have, with the sidebars as Node-RED delivers them. */
const SCREEN = { width: 1440, height: 900 } as const;
/** A small window. */
const SMALL = { width: 1024, height: 700 } as const;
const SELECT = "select 10 % of the frames";

/** The running flow, and the Runs panel with a running, a completed and a failed run. */
export async function pictureRuns(album: Album, stack: LocalStack): Promise<void> {
  const { page } = album;
  await page.setViewportSize(FLOW);
  await page.locator(".red-ui-sidebar-toggle-button-left").click();
  await page.locator(".red-ui-sidebar-toggle-button-right").click();
  await page.locator(".red-ui-sidebar-container").waitFor({ state: "hidden" });
  // The pointer on the button would leave its tooltip open.
  await page.mouse.move(FLOW.width / 2, FLOW.height / 2);

  const first = await trigger(stack);
  await untilSelecting(page);
  await album.take("pipeline");
  await untilEnd(stack, first);

  stack.sandbox.faults.add({
    service: "ssm",
    operation: "SendCommand",
    kind: "status",
    status: 400,
    code: "AccessDeniedException",
  });
  const failed = await trigger(stack);
  await untilEnd(stack, failed);
  stack.sandbox.faults.clear();

  const aborted = await trigger(stack);
  await untilSelecting(page);
  await commandRun(stack.nodeRed.url, aborted, "abort");
  await untilEnd(stack, aborted);

  await page.setViewportSize(SCREEN);
  await page.locator(".red-ui-sidebar-toggle-button-left").click();
  await page.locator(".red-ui-sidebar-toggle-button-right").click();
  await page.locator("#red-ui-sidebar-debug-clear").click();
  await page.mouse.move(300, 620);
  const panel = await openRunsPanel(page);
  const last = await trigger(stack);
  await openSummary(page, panel, last);
  await untilSelecting(page);
  await album.take("run-running");
  await picturePage(album, stack, { last, failed });
  await panel.state.filter({ hasText: "completed" }).waitFor();
  await album.take("run-completed");
  await panel.back();
  await openSummary(page, panel, failed);
  await album.take("run-failed");
  await panel.back();
}

/** Opens a run in the panel, and moves the pointer away so that no button is hovered. */
async function openSummary(page: Page, panel: RunsPanelPage, runId: string): Promise<void> {
  await panel.row(runId).waitFor();
  await panel.open(runId);
  await page.mouse.move(300, 620);
}

/** The full page: with a run that is running at first. */
async function picturePage(
  album: Album,
  stack: LocalStack,
  { last, failed }: { readonly last: string; readonly failed: string },
): Promise<void> {
  const runs = await openRunsPage(album.page, stack.nodeRed.url);
  const { page } = runs;
  const { take } = album.of(page);
  await runs.row(last).waitFor();
  await take("runs-list");
  await untilEnd(stack, last);
  await runs.open(failed, "steps");
  await take("page-failed");
  await inTheDark(page, () => take("page-dark"));
  await runs.open(last, "frames");
  await runs.tab("Selected frames").click();
  await page.locator(".lightly-gallery-frame img").nth(17).waitFor();
  await take("page-frames");
  await page.setViewportSize(SMALL);
  await page.locator(".lightly-gallery-frame").nth(1).click();
  await page.locator(".lightly-lightbox img").waitFor();
  await take("gallery");
  await page.keyboard.press("Escape");
  await runs.tab("Log").click();
  await take("page-log");
  await page.close();
}

async function trigger({ nodeRed }: LocalStack): Promise<string> {
  const response = await fetch(`${nodeRed.url}/lightly-pipeline`, { method: "POST" });
  return ((await response.json()) as { runId: string }).runId;
}

async function untilSelecting(page: Page): Promise<void> {
  await nodeNamed(page, SELECT)
    .locator(".red-ui-flow-node-status-label", { hasText: /embeddings|selecting/ })
    .waitFor();
}

function untilEnd({ nodeRed }: LocalStack, runId: string): Promise<RunRecord> {
  return watchRun({
    url: nodeRed.url,
    runId,
    lastStepType: "lightly-ec2-stop",
    limitMs: LIMIT_MS,
    onStep: () => {},
    signal: AbortSignal.timeout(LIMIT_MS),
  });
}
