import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Locator } from "playwright-core";
import { testClips } from "../../sandbox/test/clips/test-clips.ts";
import { type LocalStack, startLocalStack } from "../../scripts/local/local-stack.ts";
import type { JournalRun } from "../../src/journal/journal-run.ts";
import { fileNameOf } from "../../src/journal/read-journal.ts";
import { makeStudioRun } from "../nodes/support/studio-run.ts";
import { until } from "../nodes/support/until.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { untilPassed } from "../support/until-passed.ts";
import { seriousFaults } from "./accessibility.ts";
import { takePictures } from "./editor-page.ts";
import { leastProcessorMs } from "./processor-time.ts";
import { type RunsPage, runsPage } from "./runs-page.ts";
import { useRunsPage } from "./use-editor.ts";

const FRAMES = 5000;
const PAGE = 200;
/** A click is answered within a few frames of the screen. */
const TURN_LIMIT_MS = 300;
const OUTPUT = "s3://lightly-output/studio";
const FLOW = [
  { id: "tab", type: "tab", label: "A flow" },
  { id: "aws", type: "lightly-aws-account", name: "AWS", credentialSource: "chain" },
  {
    id: "select",
    type: "lightly-studio-select",
    z: "tab",
    name: "select",
    x: 200,
    y: 100,
    account: "aws",
    wires: [[]],
  },
];

declare const document: {
  readonly activeElement: { getAttribute(name: string): string | null } | null;
  querySelector(selector: string): { click(): void; readonly offsetHeight: number };
};

describe("the gallery of a run with five thousand frames", () => {
  let stack: LocalStack;
  let runs: RunsPage;
  const opened = useRunsPage(async () => {
    const folder = temporaryFolder();
    const flow = join(folder, "flow.json");
    await writeFile(flow, JSON.stringify(FLOW));
    const journal = join(folder, "node-red", "lightly-aws", "runs");
    await mkdir(journal, { recursive: true });
    const run = aRun();
    await writeFile(join(journal, fileNameOf(run.runId)), JSON.stringify(run));
    stack = await startLocalStack({ videosDir: await testClips(), stateDir: folder, worker: "instant", flow });
    await makeStudioRun(stack.sandbox, { runId: "many", frames: 0, manifest: { frames: manifestFrames() } });
    return { url: stack.nodeRed.url, close: stack.close };
  });

  before(async () => {
    runs = runsPage(opened.page);
    await runs.open("many", "frames");
    await frames().first().waitFor();
  });

  const frames = (): Locator => runs.page.locator(".lightly-gallery-frame");
  const bar = (): Locator => runs.page.locator(".lightly-page-bar").first();
  const range = (text: string): Promise<void> => bar().getByText(text).waitFor();
  const focused = async (): Promise<string> =>
    (await runs.page.evaluate(() => document.activeElement?.getAttribute("aria-label")))?.split(",")[0] ?? "";
  const name = (index: number): string => `v/${String(index).padStart(6, "0")}.png`;
  const elements = (): Promise<number> => runs.page.locator(".lightly-gallery *").count();

  it("has a page of them in the document, and says how many there are", async () => {
    equal(await frames().count(), PAGE);
    await range("1 to 200 of 5000");
    await runs.page.getByText("Frames: 5000").waitFor();
    const count = await elements();
    ok(count < 10 * PAGE, `${count} elements`);
    await takePictures(runs.page, "gallery-pages");
    deepEqual(await seriousFaults(runs.page, ".lightly-gallery"), []);
  });

  it("turns pages by its buttons, without more elements and without a noticeable delay", async () => {
    await runs.page.getByRole("button", { name: "Next page" }).first().click();
    await range("201 to 400 of 5000");
    match((await frames().first().getAttribute("aria-label")) ?? "", new RegExp(`^${name(200)}`));
    await runs.page.getByRole("button", { name: "Last page" }).last().click();
    await range("4801 to 5000 of 5000");
    equal(await bar().getByRole("button", { name: "Next page" }).isDisabled(), true);
    equal(await frames().count(), PAGE);
    await runs.page.getByRole("button", { name: "First page" }).first().click();
    await range("1 to 200 of 5000");
    const turnMs = await leastProcessorMs(runs.page, 5, async () => {
      const height = await runs.page.evaluate(() => {
        const button = document.querySelector('.lightly-page-bar [aria-label="Next page"]');
        button.click();
        // The height requires the layout of the new page.
        return button.offsetHeight;
      });
      ok(height > 0);
    });
    console.log(`      a page turned in ${turnMs.toFixed(0)} ms`);
    ok(turnMs < TURN_LIMIT_MS, `${turnMs} ms`);
    await range("1001 to 1200 of 5000");
    equal(await frames().count(), PAGE);
    await runs.page.getByRole("button", { name: "First page" }).first().click();
  });

  it("goes on by arrow keys at the ends of a page, and turns pages by Page Up and Page Down", async () => {
    const { page } = runs;
    await frames().first().focus();
    await page.keyboard.press("ArrowLeft");
    equal(await focused(), name(0));
    await page.keyboard.press("End");
    equal(await focused(), name(PAGE - 1));
    await page.keyboard.press("ArrowRight");
    equal(await focused(), name(PAGE));
    await range("201 to 400 of 5000");
    await page.keyboard.press("ArrowLeft");
    equal(await focused(), name(PAGE - 1));
    await page.keyboard.press("PageDown");
    equal(await focused(), name(PAGE));
    await page.keyboard.press("PageUp");
    equal(await focused(), name(0));
  });

  it("shows full pictures over the ends of a page, and returns to the page of the last one", async () => {
    const { page } = runs;
    const position = (text: string): Promise<void> =>
      page.locator(".lightly-lightbox-position").getByText(text).waitFor();
    await frames()
      .nth(PAGE - 1)
      .click();
    await position("200 of 5000");
    await page.keyboard.press("ArrowRight");
    await position("201 of 5000");
    await page.keyboard.press("Escape");
    await page.locator(".lightly-lightbox").waitFor({ state: "detached" });
    await range("201 to 400 of 5000");
    equal(await focused(), name(PAGE));
    await page.keyboard.press("Enter");
    await position("201 of 5000");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Escape");
    await range("1 to 200 of 5000");
    await untilPassed(async () => equal(await focused(), name(PAGE - 1)));
  });

  it("has pages of its timelines too", async () => {
    await runs.page.getByRole("button", { name: "Timeline" }).click();
    await runs.page.locator(".lightly-gallery-line").first().waitFor();
    equal(await frames().count(), PAGE);
    await frames().last().focus();
    await runs.page.keyboard.press("ArrowRight");
    equal(await focused(), name(PAGE));
    await range("201 to 400 of 5000");
    await runs.page.getByRole("button", { name: "Grid" }).click();
    await range("1 to 200 of 5000");
  });

  it("requests only the pictures of the frames that are about to be seen", async () => {
    // The pictures of the first page may still be on their way here.
    const lastPage: number[] = [];
    const between: number[] = [];
    runs.page.on("request", (request) => {
      const frame = Number(/frames\/(\d+)\/thumbnail$/.exec(request.url())?.[1] ?? Number.NaN);
      if (frame >= FRAMES - PAGE) {
        lastPage.push(frame);
      } else if (frame >= PAGE) {
        between.push(frame);
      }
    });
    await runs.page.getByRole("button", { name: "Last page" }).first().click();
    await until(() => lastPage.length > 0);
    await pause(300);
    ok(lastPage.length < PAGE / 2, `${lastPage.length} requests`);
    deepEqual(between, []);
  });
});

function manifestFrames(): object[] {
  return Array.from({ length: FRAMES }, (_, index) => ({
    video: "s3://lightly-input/videos/a.mp4",
    frame: index * 30,
    seconds: index,
    uri: `${OUTPUT}/many/frames/v/${String(index).padStart(6, "0")}.png`,
    distance: index === 0 ? null : 1 / index,
  }));
}

/** A run of an earlier process, whose selection is in the manifest. */
function aRun(): JournalRun {
  const startedAt = Date.now() - 3_600_000;
  return {
    version: 1,
    runId: "many",
    startedAt,
    endedAt: startedAt + 60_000,
    steps: [
      {
        ...{ stepId: "many/1", nodeId: "select", type: "lightly-studio-select", role: "select", name: "select" },
        ...{ startedAt, endedAt: startedAt + 60_000, state: "completed", alwaysRuns: false, outbox: [] },
        checkpoint: { output: OUTPUT, studioRunId: "many" },
        result: { lightly: { engine: "studio", counts: { selected: FRAMES } } },
      },
    ],
  };
}
