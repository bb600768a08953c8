import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import type { Locator } from "playwright-core";
import { testClips } from "../../sandbox/test/clips/test-clips.ts";
import { type LocalStack, startLocalStack } from "../../scripts/local/local-stack.ts";
import type { RunRecord } from "../../src/records/run-record.ts";
import { createLightlyClient } from "../../src/services/lightly/client/lightly-client.ts";
import { selectedFilenames } from "../../src/services/lightly/tags/selected-filenames.ts";
import { HANG_MS } from "../support/limits.ts";
import { itInCurrent, NODE_REDS } from "../support/node-reds.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { untilPassed } from "../support/until-passed.ts";
import { seriousFaults } from "./accessibility.ts";
import { takePictures } from "./editor-page.ts";
import { type RunsPage, runsPage } from "./runs-page.ts";
import { useRunsPage } from "./use-editor.ts";

const FLOW = resolve("examples", "results.json");

declare const document: { activeElement: { getAttribute(name: string): string | null } | null };

for (const nodeRedPackage of NODE_REDS) {
  describe(`the gallery of a run's frames in ${nodeRedPackage}`, () => {
    const itIn5 = itInCurrent(nodeRedPackage);
    const folder = temporaryFolder();
    let stack: LocalStack;
    let run: RunRecord;
    let names: string[] = [];
    const opened = useRunsPage(async () => {
      stack = await startLocalStack({
        videosDir: await testClips(),
        stateDir: folder,
        nodeRedPackage,
        delays: { startMs: 0, onlineMs: 0, stopMs: 0, deliveryMs: 0, workerPollMs: 50 },
        flow: FLOW,
      });
      return { url: stack.nodeRed.url, close: stack.close };
    });

    let runs: RunsPage;
    before(async () => {
      run = await selectOnce(opened.url, FLOW);
      names = await selectedBy(run, stack);
      runs = runsPage(opened.page);
      await runs.open(run.runId, "frames");
    });

    const frames = (): Locator => runs.page.locator(".lightly-gallery-frame");

    it("shows exactly the frames of the run's tag as a grid, each with its picture", async () => {
      await frames().first().waitFor();
      const shown = await frames().evaluateAll((all) => all.map((one) => one.getAttribute("aria-label") ?? ""));
      assert.deepEqual(shown.map((label) => label.split(",")[0]).toSorted(), names.toSorted());
      for (const frame of await frames().all()) {
        await frame.scrollIntoViewIfNeeded();
        await frame.locator("img").waitFor();
      }
      await untilPassed(async () => {
        const widths = await frames()
          .locator("img")
          .evaluateAll((all) => all.map((one) => (one as unknown as { naturalWidth: number }).naturalWidth));
        assert.ok(widths.every((width) => width > 0));
      });
      await frames().first().scrollIntoViewIfNeeded();
      await takePictures(runs.page, `gallery-${nodeRedPackage}`);
    });

    itIn5("says time, number and distance of a frame", async () => {
      assert.match((await frames().nth(1).getAttribute("title")) ?? "", /-mp4\.png, at .* s, frame \d+, distance \d/);
    });

    itIn5("positions them by their time on the timeline, from left to right", async () => {
      await runs.page.getByRole("button", { name: "Timeline" }).click();
      await runs.page.locator(".lightly-gallery-line").first().waitFor();
      const times = await frames().evaluateAll((all) =>
        all.map((one) => [
          Number(/at ([\d.]+) s/.exec(one.getAttribute("aria-label") ?? "")?.[1]),
          (one as unknown as { parentElement: { style: { left: string } } }).parentElement.style.left.replace("px", ""),
        ]),
      );
      assert.equal(times.length, names.length);
      const [seconds, places] = [times.map(([at]) => Number(at)), times.map(([, left]) => Number(left))];
      assert.deepEqual(
        seconds,
        seconds.toSorted((a, b) => a - b),
      );
      assert.deepEqual(
        places,
        places.toSorted((a, b) => a - b),
      );
      assert.ok(places.every((place) => place >= 0));
      assert.deepEqual(await seriousFaults(runs.page, ".lightly-gallery"), []);
      await takePictures(runs.page, `gallery-timeline-${nodeRedPackage}`);
      await runs.page.getByRole("button", { name: "Grid" }).click();
    });

    itIn5(
      "can be used by keyboard: arrow keys in the grid, Enter for the full picture, arrow keys and Escape there",
      async () => {
        const { page } = runs;
        const focused = (): Promise<string | null | undefined> =>
          page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
        await frames().first().focus();
        await page.keyboard.press("ArrowRight");
        const label = await focused();
        assert.equal(label, await frames().nth(1).getAttribute("aria-label"));
        await page.keyboard.press("Enter");
        const picture = page.locator(".lightly-lightbox img");
        await picture.waitFor();
        assert.equal(await picture.getAttribute("alt"), label?.split(",")[0]);
        assert.deepEqual(await seriousFaults(page, ".lightly-lightbox"), []);
        await takePictures(page, `gallery-picture-${nodeRedPackage}`);
        await page.keyboard.press("ArrowRight");
        const next = (await frames().nth(2).getAttribute("aria-label"))?.split(",")[0] ?? "";
        await page.locator(`.lightly-lightbox img[alt="${next}"]`).waitFor();
        await page.keyboard.press("Escape");
        await page.locator(".lightly-lightbox").waitFor({ state: "detached" });
        await untilPassed(async () =>
          assert.equal(
            await focused(),
            await frames().nth(2).getAttribute("aria-label"),
            "the focus is on the last frame",
          ),
        );
        await page.keyboard.press("End");
        assert.equal(await focused(), await frames().last().getAttribute("aria-label"));
        assert.equal(await page.locator('.lightly-gallery-frame[tabindex="0"]').count(), 1);
      },
    );

    itIn5("copies the list of names", async () => {
      await runs.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await runs.page.getByRole("button", { name: "Copy list" }).click();
      await runs.page.getByRole("button", { name: "Copied" }).waitFor();
      const copied = await runs.page.evaluate(() =>
        (
          globalThis as unknown as { navigator: { clipboard: { readText(): Promise<string> } } }
        ).navigator.clipboard.readText(),
      );
      assert.deepEqual(copied.split("\n").toSorted(), names.toSorted());
    });

    it("downloads the pictures as a zip file that another program can read", async () => {
      const [download] = await Promise.all([
        runs.page.waitForEvent("download"),
        runs.page.getByRole("button", { name: "Download as zip" }).click(),
      ]);
      const file = join(folder, `${nodeRedPackage}.zip`);
      await download.saveAs(file);
      assert.match(download.suggestedFilename(), new RegExp(`^frames-${run.runId}\\.zip$`));
      const { stdout } = await promisify(execFile)("python3", ["-c", READ_ZIP, file]);
      const { broken, entries, csv } = JSON.parse(stdout) as {
        broken: string | null;
        entries: Record<string, string>;
        csv: string;
      };
      assert.equal(broken, null, "all checksums are correct");
      assert.deepEqual(Object.keys(entries).toSorted(), [...names, "frames.csv"].toSorted());
      const pngs = names.filter((name) => entries[name] === "89504e47");
      assert.equal(pngs.length, names.length);
      assert.match(csv, /^file_name,video,frame,time_seconds,distance\r\n/);
      assert.equal(csv.trim().split("\n").length, names.length + 1);
    });

    it("has no serious violation of axe-core, and no script error", async () => {
      assert.deepEqual(await seriousFaults(runs.page, ".lightly-gallery"), []);
      assert.deepEqual(opened.editor.faults, []);
    });

    itIn5("is not offered for a run that has selected nothing", async () => {
      stack.sandbox.faults.add({ service: "s3", operation: "PutObject", kind: "latency", latencyMs: HANG_MS });
      await fetch(`${opened.url}/lightly-aws/runs/${run.runId}/rerun`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: "{}",
      });
      await runs.back();
      await runs.rows.nth(1).waitFor();
      const other = runs.rows.first();
      const runId = (await other.getAttribute("data-run")) ?? "";
      assert.notEqual(runId, run.runId);
      await runs.open(runId);
      assert.equal(await runs.tab("Selected frames").isVisible(), false);
      await fetch(`${opened.url}/lightly-aws/runs/${runId}/abort`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: "{}",
      });
      stack.sandbox.faults.clear();
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
  return selectedFilenames({ client, datasetId, tagId: tag.tagId, signal: AbortSignal.timeout(HANG_MS) });
}

/** Reads a zip file: the first broken entry, the first bytes of each entry, and the list. */
const READ_ZIP = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as file:
    entries = {name: file.read(name)[:4].hex() for name in file.namelist()}
    print(json.dumps({"broken": file.testzip(), "entries": entries, "csv": file.read("frames.csv").decode()}))
`;
