import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { build } from "esbuild";
import type { Locator, Page } from "playwright-core";
import { type LocalStack, startLocalStack } from "../../scripts/local/local-stack.ts";
import type { RunRecord } from "../../src/runs/records/run-record.ts";
import { createLightlyClient } from "../../src/services/lightly/client/lightly-client.ts";
import { selectedFilenames } from "../../src/services/lightly/tags/selected-filenames.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { seriousFaults } from "./accessibility.ts";
import { takePictures } from "./editor-page.ts";
import { openRunsPanel } from "./runs-panel-page.ts";
import { useEditor } from "./use-editor.ts";

const RUN_LIMIT_MS = 60_000;
const FLOW = resolve("examples", "results.json");

/** The global of the test's bundle. */
interface Shown {
  gallery?: { destroy(): void };
}
declare const window: Shown & { GalleryUnderTest: { show(container: unknown, runId: string): { destroy(): void } } };
declare const document: {
  createElement(tag: string): { id: string; style: { cssText: string } };
  body: { append(element: unknown): void };
  activeElement: { getAttribute(name: string): string | null } | null;
};

for (const nodeRedPackage of ["node-red", "node-red-4"]) {
  describe(`the gallery of a run's frames in ${nodeRedPackage}`, function () {
    this.timeout(2 * RUN_LIMIT_MS);
    const folder = temporaryFolder();
    let stack: LocalStack;
    let run: RunRecord;
    let names: string[] = [];
    const opened = useEditor(async () => {
      stack = await startLocalStack({
        stateDir: folder,
        nodeRedPackage,
        delays: { startMs: 0, onlineMs: 0, stopMs: 0, deliveryMs: 0, workerPollMs: 50 },
        flow: FLOW,
      });
      return { url: stack.nodeRed.url, close: stack.close };
    });

    before(async () => {
      run = await selectOnce(opened.url, FLOW);
      names = await selectedBy(run, stack);
      await opened.page.addScriptTag({ content: await galleryBundle() });
    });

    const frames = (page: Page): Locator => page.locator("#gallery .lightly-gallery-frame");
    async function showGallery(page: Page, runId: string): Promise<void> {
      await page.evaluate((id) => {
        const container = document.createElement("div");
        container.id = "gallery";
        container.style.cssText =
          "position: fixed; inset: 60px auto auto 300px; width: 460px; max-height: 800px; overflow: auto; padding: 12px; z-index: 9; background: var(--red-ui-secondary-background)";
        document.body.append(container);
        window.gallery = window.GalleryUnderTest.show(container, id);
      }, runId);
    }

    it("shows exactly the frames of the run's tag, each with its picture", async () => {
      const { page } = opened;
      await showGallery(page, run.runId);
      await frames(page).first().waitFor();
      const shown = await frames(page).evaluateAll((all) => all.map((one) => one.getAttribute("aria-label") ?? ""));
      assert.deepEqual(shown.map((label) => label.split(",")[0]).toSorted(), names.toSorted());
      for (const frame of await frames(page).all()) {
        await frame.scrollIntoViewIfNeeded();
        await frame.locator("img").waitFor();
      }
      const widths = await page
        .locator("#gallery .lightly-gallery-frame img")
        .evaluateAll((all) => all.map((one) => (one as unknown as { naturalWidth: number }).naturalWidth));
      assert.ok(widths.every((width) => width > 0));
      await frames(page).first().scrollIntoViewIfNeeded();
      await takePictures(page, `gallery-${nodeRedPackage}`);
    });

    it("positions them by their time, from left to right", async () => {
      const times = await frames(opened.page).evaluateAll((all) =>
        all.map((one) => [
          Number(/time=([\d.]+)/.exec(one.getAttribute("aria-label") ?? "")?.[1]),
          (one as unknown as { parentElement: { style: { left: string } } }).parentElement.style.left.replace("px", ""),
        ]),
      );
      const places = times.map(([, left]) => Number(left));
      assert.deepEqual(
        places,
        places.toSorted((a, b) => a - b),
      );
      assert.equal(places[0] !== undefined && places.every((place) => place >= 0), true);
    });

    it("shows name, time and distance of the frame under the pointer", async () => {
      const { page } = opened;
      await frames(page).nth(1).hover();
      const details = await page.locator("#gallery .lightly-gallery-details").innerText();
      assert.match(details, /-mp4\.png\n.*time.*distance/);
    });

    it("can be used by keyboard, and shows the full picture by Enter", async () => {
      const { page } = opened;
      await frames(page).first().focus();
      await page.keyboard.press("ArrowRight");
      const label = await page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
      assert.equal(label, await frames(page).nth(1).getAttribute("aria-label"));
      await page.keyboard.press("Enter");
      const picture = page.locator("#gallery .lightly-gallery-picture img");
      await picture.waitFor();
      assert.equal(await picture.getAttribute("alt"), label?.split(",")[0]);
      await takePictures(page, `gallery-picture-${nodeRedPackage}`);
      await page.keyboard.press("End");
      const last = await page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
      assert.equal(last, await frames(page).last().getAttribute("aria-label"));
      assert.equal(await page.locator('#gallery .lightly-gallery-frame[tabindex="0"]').count(), 1);
    });

    it("leaves nothing when it is removed", async () => {
      const { page } = opened;
      await page.evaluate(() => window.gallery?.destroy());
      assert.equal(await page.locator("#gallery").innerHTML(), "");
      assert.deepEqual(opened.editor.faults, []);
    });

    it("is on the run's page in the Runs panel, without a serious violation of axe-core", async () => {
      const { page } = opened;
      const panel = await openRunsPanel(page);
      await panel.open(run.runId);
      const shown = panel.root.locator(".lightly-runs-frames .lightly-gallery-frame");
      await shown.first().scrollIntoViewIfNeeded();
      assert.equal(await shown.count(), names.length);
      await shown.first().locator("img").waitFor();
      await takePictures(page, `gallery-in-panel-${nodeRedPackage}`);
      assert.deepEqual(await seriousFaults(page, ".lightly-runs-frames"), []);
      await panel.back();
      assert.equal(await shown.count(), 0);
    });

    it("reports that a run has selected nothing", async () => {
      const { page } = opened;
      await page.evaluate(() => {
        const container = document.createElement("div");
        container.id = "nothing";
        document.body.append(container);
        window.GalleryUnderTest.show(container, "no such run");
      });
      await page.locator("#nothing").getByText("failed").waitFor();
    });
  });
}

/** Runs the example once, to the end of its selection. */
async function selectOnce(url: string, flow: string): Promise<RunRecord> {
  const nodes = JSON.parse(await readFile(flow, "utf8")) as Array<{ id: string; type: string }>;
  await fetch(`${url}/inject/${nodes.find(({ type }) => type === "inject")?.id}`, { method: "POST" });
  for (;;) {
    await pause(100);
    const [run] = (await (await fetch(`${url}/lightly-aws/runs`)).json()) as RunRecord[];
    assert.equal(run?.error, undefined);
    if (run?.steps.some(({ type, state }) => type === "lightly-ec2-stop" && state === "completed")) {
      return run;
    }
  }
}

/** The frames of the run's tag according to Lightly. */
async function selectedBy({ steps }: RunRecord, { sandbox }: LocalStack): Promise<string[]> {
  const lightly = steps.find(({ type }) => type === "lightly-run")?.result?.lightly;
  const { datasetId, tag } = lightly as { datasetId: string; tag: { tagId: string } };
  const client = createLightlyClient({ token: sandbox.token, server: sandbox.endpoints.lightly });
  return selectedFilenames({ client, datasetId, tagId: tag.tagId, signal: AbortSignal.timeout(5000) });
}

/** The gallery in a panel of the editor, with keys as texts. */
async function galleryBundle(): Promise<string> {
  const contents = `
    import { createGallery } from "./src/sidebar/gallery/gallery.ts";
    const texts = (key, values = {}) => [key, ...Object.entries(values).map(([name, value]) => name + "=" + value)].join(" ");
    export const show = (container, runId) => createGallery(container, runId, texts);
  `;
  const bundled = await build({
    stdin: { contents, resolveDir: process.cwd(), loader: "ts" },
    bundle: true,
    write: false,
    format: "iife",
    globalName: "GalleryUnderTest",
    platform: "browser",
  });
  return `${bundled.outputFiles[0]?.text};window.GalleryUnderTest = GalleryUnderTest;`;
}
