import type { Locator, Page } from "playwright-core";
import type { RunRecord } from "../../src/runs/records/run-record.ts";
import { nodeNamed } from "../../test/editor/editor-page.ts";
import { openRunsPanel, type RunsPanelPage } from "../../test/editor/runs-panel-page.ts";
import type { LocalStack } from "../local/local-stack.ts";
import { commandRun } from "../local/run-command.ts";
import { watchRun } from "../local/run-watcher.ts";
import { type Album, fromTo, inTheDark } from "./album.ts";

const LIMIT_MS = 120_000;
/** High enough for the page of a run without scrolling. */
const TALL = { width: 1000, height: 1500 } as const;
const FLOW = { width: 1300, height: 712 } as const;
const EDITOR = { width: 1640, height: 960 } as const;
const PANEL_WIDTH = 420;
/** The height of the debug messages below the panel. */
const DEBUG_HEIGHT = 130;
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

  await page.locator(".red-ui-sidebar-toggle-button-right").click();
  const panel = await openRunsPanel(page);
  await giveRoom(page, EDITOR);
  const last = await trigger(stack);
  await panel.row(last).waitFor();
  await panel.open(last);
  await untilSelecting(page);
  await album.take("run-running");
  await panel.back();
  await album.take("runs-list", await around(panel, panel.rows.last()));
  await untilEnd(stack, last);
  await openPage(page, panel, last);
  await panel.state.filter({ hasText: "completed" }).waitFor();
  await panel.root.locator(".lightly-gallery-frame").first().waitFor();
  await album.take("run-completed");
  await inTheDark(page, () => album.take("run-completed-dark"));
  await pictureGallery(album, panel);
  await panel.back();
  await giveRoom(page, TALL);
  await openPage(page, panel, failed);
  await album.take("run-failed", await around(panel, panel.root.locator(".lightly-runs-steps")));
  await panel.back();
}

/** Opens the page of a run, and moves the pointer away so that no button is hovered. */
async function openPage(page: Page, panel: RunsPanelPage, runId: string): Promise<void> {
  await panel.open(runId);
  await page.mouse.move(EDITOR.width / 4, EDITOR.height / 2);
}

/** Frames load when they scroll into view; the chosen one shows its details. */
async function pictureGallery({ page, take }: Album, panel: RunsPanelPage): Promise<void> {
  await giveRoom(page, { ...TALL, height: 2400 });
  const frames = panel.root.locator(".lightly-gallery-frame");
  await frames.nth(1).scrollIntoViewIfNeeded();
  await frames.nth(1).click();
  await panel.root.locator(".lightly-gallery-picture img").waitFor();
  const title = panel.root.getByRole("heading", { name: "Selected frames" });
  await take("gallery", await fromTo(title, panel.root.locator(".lightly-gallery-picture"), 8));
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Sets the size of the editor, and enlarges the panel with its separators, like a user. */
async function giveRoom(page: Page, size: Size): Promise<void> {
  await page.setViewportSize(size);
  await drag(page, page.locator("#red-ui-sidebar-separator"), { x: size.width - PANEL_WIDTH });
  const between = page.locator(".red-ui-sidebar-right .red-ui-sidebar-section-separator");
  await drag(page, between, { y: size.height - DEBUG_HEIGHT });
  await page.mouse.move(size.width / 4, size.height / 2);
}

async function drag(page: Page, separator: Locator, to: { readonly x?: number; readonly y?: number }): Promise<void> {
  const box = await separator.locator(".red-ui-sidebar-separator-handle").boundingBox();
  if (!box) {
    throw new Error("The sidebar has no separator.");
  }
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(to.x ?? x, to.y ?? y, { steps: 8 });
  await page.mouse.up();
}

async function around(panel: RunsPanelPage, last: Locator): ReturnType<typeof fromTo> {
  const frame = await fromTo(panel.root, last);
  return { ...frame, height: frame.height + 12 };
}

async function trigger({ nodeRed }: LocalStack): Promise<string> {
  const response = await fetch(`${nodeRed.url}/lightly-pipeline`, { method: "POST" });
  return ((await response.json()) as { runId: string }).runId;
}

async function untilSelecting(page: Page): Promise<void> {
  await nodeNamed(page, SELECT)
    .locator(".red-ui-flow-node-status-label", { hasText: /EMBEDDING|SAMPLING|SELECTING/ })
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
