import { deepEqual, equal, ok } from "node:assert/strict";
import type { Locator } from "playwright-core";
import { testClips } from "../../sandbox/test/clips/test-clips.ts";
import { type LocalStack, startLocalStack } from "../../scripts/local/local-stack.ts";
import type { RunRecord } from "../../src/records/run-record.ts";
import { until } from "../nodes/support/until.ts";
import { NODE_REDS } from "../support/node-reds.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { seriousFaults } from "./accessibility.ts";
import { takePictures } from "./editor-page.ts";
import { openRunsPanel, type RunsPanelPage } from "./runs-panel-page.ts";
import { useEditor } from "./use-editor.ts";

const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
];

/** German has the longest words. */
const LANGUAGES = { "node-red": ["en-US", "de"], "node-red-4": ["en-US"] } as const;

for (const nodeRedPackage of NODE_REDS) {
  describe(`the size of the Runs panel with the sidebars of ${nodeRedPackage} as delivered`, () => {
    let stack: LocalStack;
    let failed = "";
    let completed = "";

    before(async () => {
      stack = await startLocalStack({
        videosDir: await testClips(),
        stateDir: temporaryFolder(),
        nodeRedPackage,
        delays: { startMs: 50, onlineMs: 50, stopMs: 50, deliveryMs: 20, workerPollMs: 50 },
        worker: "instant",
      });
      completed = await runOnce();
      stack.sandbox.faults.add({
        ...{ service: "s3", operation: "PutObject", kind: "status", status: 403, code: "AccessDenied" },
      });
      failed = await runOnce();
      stack.sandbox.faults.clear();
    });
    after(() => stack?.close());

    /** Runs the pipeline to its end, the stop of the instance included. */
    async function runOnce(): Promise<string> {
      const { url } = stack.nodeRed;
      const response = await fetch(`${url}/lightly-pipeline`, { method: "POST" });
      const { runId } = (await response.json()) as { runId: string };
      await until(async () => {
        const run = (await (await fetch(`${url}/lightly-aws/runs/${runId}`)).json()) as RunRecord;
        return run.endedAt !== undefined && run.steps.every(({ endedAt }) => endedAt !== undefined);
      });
      return runId;
    }

    for (const language of LANGUAGES[nodeRedPackage]) {
      describe(`in ${language}`, () => {
        /** The panel changes nothing: the languages share a Node-RED. */
        const opened = useEditor(async () => ({ url: stack.nodeRed.url, close: async () => {} }), language);

        for (const [index, { width, height }] of SIZES.entries()) {
          describe(`in a window of ${width} x ${height}`, () => {
            let panel: RunsPanelPage;

            before(async () => {
              // The first size is the one that the editor was opened with.
              if (index > 0) {
                await opened.reopen({ width, height });
              }
              panel = await openRunsPanel(opened.page);
            });

            const picture = (what: string): Promise<void> =>
              takePictures(opened.page, `panel-${what}-${width}-${nodeRedPackage}-${language}`);

            /** The smaller size shows nothing else, so that axe-core would judge the same again. */
            const assertAccessible = async (): Promise<void> => {
              if (index === 0) {
                deepEqual(await seriousFaults(opened.page, ".lightly-runs"), []);
              }
            };

            /** The visible part of the panel contains the element as a whole. */
            async function assertVisible(part: Locator, what: string): Promise<void> {
              const [outer, inner] = [await panel.root.boundingBox(), await part.boundingBox()];
              ok(outer && inner, `${what} is shown`);
              const isInside =
                inner.x >= outer.x &&
                inner.x + inner.width <= Math.min(outer.x + outer.width, width) &&
                inner.y >= outer.y &&
                inner.y + inner.height <= Math.min(outer.y + outer.height, height);
              ok(isInside, `${what}: ${JSON.stringify({ outer, inner })}`);
            }

            it("lists runs without a horizontal scroll bar", async () => {
              await panel.row(failed).waitFor();
              await picture("list");
              await assertVisible(panel.row(failed), "the first row");
              await assertVisible(panel.row(completed), "the second row");
              equal(await overflow(panel.root), 0);
              await assertAccessible();
            });

            for (const [state, runId] of [
              ["completed", () => completed],
              ["failed", () => failed],
            ] as const) {
              it(`shows state, steps and buttons of a ${state} run without scrolling`, async () => {
                await panel.open(runId());
                await picture(state);
                await assertVisible(panel.state, "the state");
                await assertVisible(panel.step("stop instance"), "the last step");
                await assertVisible(panel.line, "what the step does");
                for (const button of await panel.root.locator(".lightly-runs-actions button:visible").all()) {
                  await assertVisible(button, (await button.textContent()) ?? "");
                }
                if (state === "failed") {
                  await assertVisible(panel.root.locator(".lightly-runs-error strong").first(), "what has failed");
                }
                equal(await overflow(panel.root), 0);
                await assertAccessible();
                await panel.back();
              });
            }
          });
        }
      });
    }
  });
}

/** How many pixels of an element's content are right of its visible part. */
function overflow(element: Locator): Promise<number> {
  return element.evaluate((node) => {
    const { scrollWidth, clientWidth } = node as unknown as { scrollWidth: number; clientWidth: number };
    return Math.max(0, scrollWidth - clientWidth);
  });
}
