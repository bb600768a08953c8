import { deepEqual, equal, ok } from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { startNodeRed } from "../../scripts/local/node-red-process.ts";
import { PACKAGE_ROOT } from "../../scripts/local/package-root.ts";
import type { JournalRun, JournalStep } from "../../src/journal/journal-run.ts";
import { fileNameOf } from "../../src/journal/read-journal.ts";
import type { RunSummary } from "../../src/records/run-summary.ts";
import { until } from "../nodes/support/until.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { untilPassed } from "../support/until-passed.ts";
import { type EditorPage, takePictures } from "./editor-page.ts";
import { leastProcessorMs } from "./processor-time.ts";
import { openRunsPanel, type RunsPanelPage } from "./runs-panel-page.ts";
import { useEditor } from "./use-editor.ts";

const RUNS = 1000;
const RENDER_LIMIT_MS = 200;
const NAMES = ["download video", "upload to S3", "start instance", "run worker", "select", "stop instance"];

/** The list of the panel without the rest of the panel. */
const LIST = `
  import { editorHost } from "./src/sidebar/host/editor-host.ts";
  import { setHost } from "./src/sidebar/host/host.ts";
  setHost(editorHost);
  export { RunListView } from "./src/sidebar/list/run-list-view.ts";
`;
interface List {
  readonly element: object;
  set(runs: readonly RunSummary[]): void;
  update(changed: readonly RunSummary[]): void;
}
declare const sidebar: { RunListView: new (open: () => void) => List };
declare const document: {
  querySelector(selector: string): { offsetHeight: number; replaceChildren(...all: object[]): void };
};
declare const MutationObserver: new (
  heard: (records: Array<{ target: object }>) => void,
) => { observe(target: object, options: object): void; takeRecords(): Array<{ target: object }> };

describe("a thousand runs in the Runs panel", () => {
  const folder = temporaryFolder();
  const opened = useEditor(async () => {
    await writeJournal(join(folder, "lightly-aws", "runs"));
    return startNodeRed({ userDir: folder, flow: join(PACKAGE_ROOT, "examples", "flows.json"), environment: {} });
  });
  let editor: EditorPage;
  let panel: RunsPanelPage;

  before(async () => {
    editor = opened.editor;
    panel = await openRunsPanel(editor.page);
  });

  it("are all listed, the newest first, in a response of a few hundred bytes each", async () => {
    await panel.root
      .getByRole("status")
      .filter({ hasText: String(RUNS) })
      .waitFor();
    equal(await panel.rows.first().getAttribute("data-run"), `run-${RUNS - 1}`);
    const answer = await (await fetch(`${opened.url}/lightly-aws/runs?summary`)).text();
    ok(answer.length < RUNS * 500, `${answer.length} bytes`);
    await takePictures(editor.page, "panel-thousand-runs");
  });

  it("are searched while typing", async () => {
    const count = panel.root.getByRole("status");
    await panel.root.getByLabel("Search").fill("run-77");
    await count.filter({ hasText: `11 of ${RUNS}` }).waitFor();
    await untilPassed(async () => equal(await panel.rows.count(), 11));
    await panel.root.getByLabel("State").selectOption("failed");
    await untilPassed(async () => equal(await panel.rows.count(), 2));
    await panel.root.getByLabel("State").selectOption("all");
    await panel.root.getByLabel("Search").fill("");
    await count.filter({ hasText: `Runs: ${RUNS}` }).waitFor();
  });

  it("are drawn on demand, by scrolling, by a button and by arrow keys", async () => {
    const { page } = editor;
    const drawn = await panel.rows.count();
    ok(drawn < RUNS / 2);
    await panel.rows.last().scrollIntoViewIfNeeded();
    await until(async () => (await panel.rows.count()) > drawn);
    const scrolled = await panel.rows.count();
    await panel.root.getByRole("button", { name: "Show more" }).press("Enter");
    await until(async () => (await panel.rows.count()) > scrolled);
    const last = await panel.rows.count();
    await panel.rows.last().getByRole("button").focus();
    await until(async () => {
      await page.keyboard.press("ArrowDown");
      return (await panel.rows.count()) > last;
    });
  });

  it(`are drawn in less than ${RENDER_LIMIT_MS} ms, and a change draws one row`, async () => {
    const { page } = editor;
    const { outputFiles } = await build({
      stdin: { contents: LIST, resolveDir: PACKAGE_ROOT, loader: "ts" },
      bundle: true,
      write: false,
      format: "iife",
      globalName: "sidebar",
      target: "es2022",
    });
    await page.addScriptTag({ content: outputFiles[0]?.text ?? "" });
    const answer = (await (await fetch(`${opened.url}/lightly-aws/runs?summary`)).json()) as RunSummary[];
    const list = await page.evaluateHandle(() => ({ current: new sidebar.RunListView(() => {}) }));
    const drawnMs = await leastProcessorMs(page, 3, async () => {
      const height = await list.evaluate((drawn, runs) => {
        const place = document.querySelector(".lightly-runs");
        drawn.current = new sidebar.RunListView(() => {});
        place.replaceChildren(drawn.current.element);
        drawn.current.set(runs);
        // The height requires the layout of the list.
        return place.offsetHeight;
      }, answer);
      ok(height > 0);
    });
    const run = answer.at(-50);
    ok(run);
    const { touched, ofRow } = await list.evaluate(({ current }, one) => {
      const observer = new MutationObserver(() => {});
      const rows = document.querySelector(".lightly-runs-list");
      observer.observe(rows, { subtree: true, childList: true, attributes: true, characterData: true });
      current.update([{ ...one, state: "running", completedSteps: 1 }]);
      const targets = observer.takeRecords().map(({ target }) => target as { parentElement: object | null });
      const row = document.querySelector(`.lightly-runs-row[data-run="${one.runId}"]`) as unknown as {
        contains(other: object): boolean;
      };
      return { touched: targets.length, ofRow: targets.filter((target) => row.contains(target)).length };
    }, run);
    let completedSteps = 1;
    const updateMs = await leastProcessorMs(page, 3, async () => {
      completedSteps += 1;
      await list.evaluate(({ current }, changed) => current.update([changed]), {
        ...run,
        state: "running",
        completedSteps,
      } as RunSummary);
    });
    console.log(`      drawn in ${drawnMs.toFixed(0)} ms, a change in ${updateMs.toFixed(1)} ms`);
    ok(drawnMs < RENDER_LIMIT_MS, `${drawnMs} ms`);
    ok(updateMs < 16, `${updateMs} ms`);
    ok(touched > 0 && touched < 10, `${touched} changes`);
    equal(ofRow, touched);
    deepEqual(editor.faults, []);
  });
});

/** A thousand runs of an earlier process, one in five failed. */
async function writeJournal(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  const begin = Date.now() - RUNS * 60_000;
  const files = Array.from({ length: RUNS }, (_, index) =>
    aRun(`run-${index}`, begin + index * 60_000, index % 5 === 0),
  );
  await Promise.all(files.map((run) => writeFile(join(path, fileNameOf(run.runId)), JSON.stringify(run))));
}

function aRun(runId: string, startedAt: number, isFailed: boolean): JournalRun {
  const steps = NAMES.map((name, index): JournalStep => {
    const state = isFailed && index === 1 ? "failed" : "completed";
    return {
      stepId: `${runId}/${index + 1}`,
      nodeId: `gone-${index}`,
      type: name,
      role: "upload",
      name,
      startedAt: startedAt + index * 5000,
      endedAt: startedAt + index * 5000 + 4000,
      state,
      alwaysRuns: index === 5,
      log: Array.from({ length: 20 }, (_, line) => ({ at: startedAt + line, text: `line ${line} of ${name}` })),
      ...(state === "failed" ? { error: { code: "S3_ACCESS_DENIED", message: "No.", details: {} } } : { result: {} }),
      outbox: [],
    };
  });
  return {
    version: 1,
    runId,
    startedAt,
    endedAt: startedAt + 30_000,
    ...(isFailed ? { failedStepId: `${runId}/2` } : {}),
    steps,
  };
}
