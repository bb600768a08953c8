import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Locator, Page } from "playwright-core";
import { freePort } from "../../scripts/local/free-port.ts";
import { type LocalStack, startLocalStack } from "../../scripts/local/local-stack.ts";
import { watchRun } from "../../scripts/local/run-watcher.ts";
import { launchBrowser } from "./browser.ts";
import { cancelDialog, importExample, openDialog, openEditor, ownNodes } from "./editor-page.ts";
import { openRunsPanel } from "./runs-panel-page.ts";
import { addStrategy, fillStrategy, strategyRows } from "./strategy-form.ts";

declare const document: { documentElement: { classList: { toggle(name: string, force: boolean): void } } };

const FOLDER = resolve("docs", "images");
const LIMIT_MS = 120_000;

/** Takes the pictures of README and docs: `npm run screenshots`. */
async function main(): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const stateDir = await mkdtemp(join(tmpdir(), "lightly-aws-screenshots-"));
  const stack = await startLocalStack({
    stateDir,
    clipsDir: resolve(".sandbox", "clips"),
    nodeRedPort: await freePort(),
    log: console.log,
  });
  const { browser, close } = await launchBrowser();
  try {
    const { page } = await openEditor(browser, stack.nodeRed.url);
    page.setDefaultTimeout(30_000);
    await runs(page, stack);
    await forms(page);
    await helps(page);
  } finally {
    await close();
    await stack.close();
    await rm(stateDir, { recursive: true, force: true });
  }
}

/** The flow at work, and what the Runs panel shows of a run that failed, of one that goes on, and of one that is done. */
async function runs(page: Page, { nodeRed, sandbox }: LocalStack): Promise<void> {
  const trigger = async (): Promise<string> => {
    const response = await fetch(`${nodeRed.url}/lightly-pipeline`, { method: "POST" });
    return ((await response.json()) as { runId: string }).runId;
  };
  const end = (runId: string) =>
    watchRun({
      url: nodeRed.url,
      runId,
      lastStepType: "lightly-ec2-stop",
      limitMs: LIMIT_MS,
      onStep: () => {},
      signal: new AbortController().signal,
    });
  // The whole of both branches.
  await page.setViewportSize({ width: 1760, height: 1000 });
  const runId = await trigger();
  const selecting = page.locator(".red-ui-flow-node-group", { hasText: "EMBEDDING" });
  await selecting
    .or(page.getByText(/SELECTING|EMBEDDING|SAMPLING/))
    .first()
    .waitFor();
  await picture(page, "pipeline");
  await page.setViewportSize({ width: 1440, height: 900 });
  await end(runId);
  const id = sandbox.faults.add({
    service: "s3",
    operation: "PutObject",
    kind: "status",
    status: 403,
    code: "AccessDenied",
  });
  const failed = await trigger();
  await end(failed);
  sandbox.faults.remove(id);

  const panel = await openRunsPanel(page);
  await picture(page, "runs-list", panel.root);
  await panel.open(failed);
  await picture(page, "run-failed", panel.root);
  await panel.back();
  await panel.open(runId);
  await pause(1500);
  await picture(page, "run-completed");
  await dark(page, true);
  await picture(page, "run-completed-dark");
  await dark(page, false);
  await panel.root.locator(".lightly-gallery-line").first().scrollIntoViewIfNeeded();
  await pause(1500);
  await picture(page, "gallery", panel.root);
}

/** Each node's form as a user meets it. */
async function forms(page: Page): Promise<void> {
  await importExample(page, "results", "Lightly results");
  const seen = new Set<string>();
  for (const node of await ownNodes(page)) {
    if (!seen.has(node.type)) {
      seen.add(node.type);
      const dialog = await openDialog(page, node);
      await picture(page, `form-${node.type.replace(/^lightly-/, "")}`, dialog);
      await cancelDialog(page);
    }
  }
}

/** What helps to fill the forms in. */
async function helps(page: Page): Promise<void> {
  const nodes = await ownNodes(page);
  const open = async (type: string): Promise<Locator> => {
    const node = nodes.find((one) => one.type === `lightly-${type}`);
    if (!node) {
      throw new Error(`There is no ${type} in the flow.`);
    }
    return openDialog(page, node);
  };
  const selection = await open("lightly-run");
  await fillStrategy(await addStrategy(selection), { input: { type: "EMBEDDINGS" }, strategy: { type: "TYPICALITY" } });
  await fillStrategy(await addStrategy(selection), { input: { type: "RANDOM" }, strategy: { type: "WEIGHTS" } });
  await strategyRows(selection).first().scrollIntoViewIfNeeded();
  await picture(page, "selection-builder", selection);
  await cancelDialog(page);

  const upload = await open("s3-upload");
  await upload.locator("#node-input-bucket").evaluate((element) => {
    // biome-ignore lint/suspicious/noExplicitAny: the editor's jQuery
    const $ = (globalThis as any).$;
    $(element).typedInput("type", "str").typedInput("value", "");
  });
  await upload.getByRole("button", { name: "Choose a bucket" }).click();
  await upload.getByRole("option", { name: "lightly-input" }).waitFor();
  await picture(page, "look-up", upload);
  await cancelDialog(page);

  const account = await open("aws-account");
  await account.getByRole("button", { name: "Test connection" }).click();
  await account.locator(".lightly-aws-tried [role=status] i").first().waitFor();
  await pause(3000);
  await picture(page, "connection-test", account);
  await cancelDialog(page);
}

async function dark(page: Page, isDark: boolean): Promise<void> {
  await page.evaluate((on) => document.documentElement.classList.toggle("nr-theme-dark", on), isDark);
}

async function picture(page: Page, name: string, element: Locator | Page = page): Promise<void> {
  await element.screenshot({ path: join(FOLDER, `${name}.png`), animations: "disabled" });
  console.log(`docs/images/${name}.png`);
}

await main();
