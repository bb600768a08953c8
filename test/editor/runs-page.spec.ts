import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Sandbox } from "lightly-aws-sandbox";
import { testClips } from "../../sandbox/test/clips/test-clips.ts";
import { type LocalStack, startLocalStack } from "../../scripts/local/local-stack.ts";
import { ERROR_CODES } from "../../src/errors/error-codes.ts";
import type { RunRecord, StepRecord } from "../../src/records/run-record.ts";
import { until } from "../nodes/support/until.ts";
import { HANG_MS } from "../support/limits.ts";
import { itInCurrent, NODE_REDS } from "../support/node-reds.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { untilPassed } from "../support/until-passed.ts";
import { seriousFaults } from "./accessibility.ts";
import { takePictures } from "./editor-page.ts";
import { type RunsPage, runsPage } from "./runs-page.ts";
import { useRunsPage } from "./use-editor.ts";

const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
] as const;

for (const nodeRedPackage of NODE_REDS) {
  describe(`the full page of the Runs view in ${nodeRedPackage}`, () => {
    const itIn5 = itInCurrent(nodeRedPackage);
    let stack: LocalStack;
    let sandbox: Sandbox;
    let runs: RunsPage;

    const trigger = async (payload = {}): Promise<string> => {
      const response = await fetch(`${opened.url}/lightly-pipeline`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(payload),
      });
      return ((await response.json()) as { runId: string }).runId;
    };
    const read = async (runId: string): Promise<RunRecord> =>
      (await (await fetch(`${opened.url}/lightly-aws/runs/${runId}`)).json()) as RunRecord;
    const untilEnd = async (runId: string): Promise<void> =>
      until(async () => {
        const { steps = [] } = await read(runId);
        return steps.some(({ role, endedAt }) => role === "stop" && endedAt) && steps.every(({ endedAt }) => endedAt);
      });
    const shows = (state: string) => runs.state.filter({ hasText: state }).waitFor();
    const isSelecting = ({ type, checkpoint }: StepRecord): boolean =>
      type === "lightly-run" && checkpoint?.scheduledRunId !== undefined;
    const untilSelecting = async (runId: string): Promise<void> =>
      until(async () => (await read(runId)).steps?.some(isSelecting) ?? false);

    const opened = useRunsPage(async () => {
      stack = await startLocalStack({
        videosDir: await testClips(),
        stateDir: temporaryFolder(),
        nodeRedPackage,
        delays: { startMs: 200, onlineMs: 200, stopMs: 200, deliveryMs: 50, workerPollMs: 100 },
        worker: "instant",
      });
      return { url: stack.nodeRed.url, close: stack.close };
    });
    before(async () => {
      sandbox = stack.sandbox;
      runs = runsPage(opened.page);
    });
    afterEach(() => sandbox?.faults.clear());

    it("says that there are no runs yet", async () => {
      await runs.page.getByText("No runs yet.").waitFor();
    });

    let completed = "";
    it("shows a new run in its table, and follows it on its own page", async () => {
      const held = sandbox.faults.add({ service: "s3", operation: "PutObject", kind: "latency", latencyMs: HANG_MS });
      completed = await trigger({ camera: 7 });
      const row = runs.row(completed);
      await row.filter({ hasText: "running" }).waitFor();
      match((await row.textContent()) ?? "", /Lightly pipeline.*POST \/lightly-pipeline/);
      await row.locator(".lightly-page-trigger").click();
      await shows("running");
      sandbox.faults.remove(held);
      await shows("completed");
      await untilEnd(completed);
      await until(async () => (await runs.page.locator(".lightly-runs-gantt .lightly-runs-bar").count()) === 6);
      const narrowest = await runs.page.locator(".lightly-runs-gantt .lightly-runs-choice").evaluateAll((bars) =>
        bars.map((bar) => {
          const box = (bar as unknown as { getBoundingClientRect(): { right: number } }).getBoundingClientRect();
          return box.right;
        }),
      );
      ok(
        narrowest.every((right) => right <= 1420),
        "every bar is inside the timeline",
      );
    });

    it("has one log over all steps, with search and level", async () => {
      await runs.tab("Log").click();
      const log = runs.page.getByRole("log", { name: "Log" }).filter({ visible: true });
      await untilPassed(async () =>
        match((await log.textContent()) ?? "", /download video.*start instance.*run worker.*stdout of i-/s),
      );
      await runs.page.getByLabel("Search the log").fill("stdout worker");
      await untilPassed(async () => equal(await log.locator("[data-level]").count(), 1));
      await runs.page.getByLabel("Level").selectOption("error");
      await log.getByText("No line matches.").waitFor();
      await runs.page.getByLabel("Level").selectOption("info");
      await runs.page.getByLabel("Search the log").fill("");
      await takePictures(runs.page, `page-log-${nodeRedPackage}`);
    });

    it("shows the message that a step has received and its result, and names the masked parts", async () => {
      await runs.tab("Steps").click();
      const step = runs.step("upload to S3");
      await step.getByRole("button").first().click();
      const input = step.locator(".lightly-runs-input");
      equal(await input.locator("li").count(), 0);
      await input.locator("summary").first().click();
      await input.locator(".lightly-runs-json-key", { hasText: "pexels" }).first().waitFor();
      await untilPassed(async () =>
        match((await input.textContent()) ?? "", /_msgid.*filename.*Not saved, or masked: req, res/s),
      );
      await step.getByRole("heading", { name: "Result" }).waitFor();
      equal(await step.getByRole("link", { name: "Show the node" }).getAttribute("target"), "_blank");
      match((await step.locator(".lightly-runs-what").textContent()) ?? "", /^\d.* [KM]iB$/);
    });

    it("opens the step of a bar of the timeline", async () => {
      await runs.tab("Log").click();
      await runs.page.locator('.lightly-runs-choice[aria-label^="start instance"]').click();
      await untilPassed(async () => {
        equal(await runs.page.locator(":focus").locator(".lightly-runs-name").textContent(), "start instance");
        equal(await runs.page.locator(":focus").getAttribute("aria-expanded"), "true");
      });
    });

    itIn5("estimates the cost of the instance, by a price that the user can change and the browser saves", async () => {
      await runs.tab("Estimated cost").click();
      const cost = runs.page.locator(".lightly-runs-cost");
      await untilPassed(async () =>
        match((await cost.locator(".lightly-runs-total").textContent()) ?? "", /\$0\.\d{3}, including .* idle/),
      );
      const price = cost.getByLabel("US$ per hour");
      await price.fill("3600");
      await price.press("Tab");
      await untilPassed(async () => match((await cost.locator(".lightly-runs-total").textContent()) ?? "", /^\$[1-9]/));
      await runs.page.reload();
      await untilPassed(async () => equal(await cost.getByLabel("US$ per hour").inputValue(), "3600"));
      ok(runs.page.url().endsWith(`#run=${completed}&tab=cost`), "the address leads to the same place");
    });

    itIn5("starts a run with edited messages of the trigger, and explains invalid ones", async () => {
      await runs.action("Edit and run").click();
      const dialog = runs.page.getByRole("dialog");
      const message = dialog.getByLabel(/^Message for: download video, select 10 % of the frames$/);
      const original = JSON.parse(await message.inputValue());
      deepEqual(original.payload, { camera: 7 });
      await message.fill("{ nothing");
      await dialog.getByRole("button", { name: "Start run" }).click();
      await dialog.getByRole("alert").filter({ hasText: "is not valid JSON" }).waitFor();
      await message.fill(JSON.stringify({ ...original, payload: { camera: 8 } }));
      deepEqual(await seriousFaults(runs.page, "dialog"), []);
      await takePictures(runs.page, `page-rerun-${nodeRedPackage}`);
      await dialog.getByRole("button", { name: "Start run" }).click();
      await runs.page.getByText(`Triggered by: Run again (${completed})`).waitFor();
      const again = (await runs.runId.textContent()) ?? "";
      await untilEnd(again);
      const input = await (await fetch(`${opened.url}/lightly-aws/runs/${again}/steps/1/input`)).json();
      deepEqual((input as { message: { payload: unknown } }).message.payload, { camera: 8 });
      await shows("completed");
    });

    itIn5("shows the error of a failed run once, with what to do, and retries the run", async () => {
      sandbox.faults.add({ service: "s3", operation: "PutObject", kind: "status", status: 403, code: "AccessDenied" });
      const runId = await trigger();
      await untilEnd(runId);
      await runs.open(runId);
      await shows("failed");
      const errors = runs.page.locator(".lightly-runs-error:visible", { hasText: ERROR_CODES.S3_ACCESS_DENIED });
      await untilPassed(async () => {
        equal(await errors.count(), 1);
        match((await errors.textContent()) ?? "", /S3_ACCESS_DENIED.*s3:PutObject/);
      });
      // The page reads the end of the run after the test has.
      await until(async () => (await runs.action("Abort").getAttribute("title")) === "The run has ended.");
      await takePictures(runs.page, `page-failed-${nodeRedPackage}`);
      await runs.tab("Log").click();
      await runs.page.getByLabel("Level").selectOption("error");
      await untilPassed(async () =>
        equal(await runs.page.locator('.lightly-page-lines > [data-level="error"]').count(), 1),
      );
      sandbox.faults.clear();
      await runs.action("Retry").click();
      await shows("completed");
      await runs.tab("Steps").click();
      equal(
        await runs.page.locator("g.lightly-runs-replaced").count(),
        await runs.page.locator("li.lightly-runs-replaced").count(),
      );
      await untilEnd(runId);
    });

    itIn5("shows a skipped step with its reason, and without an error", async () => {
      const held = sandbox.faults.add({ service: "pexels", kind: "latency", latencyMs: HANG_MS });
      const runId = await trigger();
      await untilSelecting(runId);
      await cancelAtLightly((await read(runId)).steps.find(isSelecting));
      await until(async () => (await read(runId)).state === "failed");
      sandbox.faults.remove(held);
      const skipped = ({ state }: StepRecord): boolean => state === "skipped";
      await until(async () => (await read(runId)).steps.some(skipped));
      equal((await read(runId)).state, "failed");
      await runs.open(runId, "steps");
      const start = runs.step("start instance");
      await untilPassed(async () => match((await start.textContent()) ?? "", /skipped/));
      await start.getByRole("button").first().click();
      await start.getByText("Skipped: a parallel branch ended the run first.").waitFor();
      await start.getByText("so no worker is needed").first().waitFor();
      equal(await start.getByText("ABORTED").count(), 0);
      await untilPassed(async () =>
        equal(await runs.page.locator('.lightly-runs-bar[data-state="skipped"]').count(), 1),
      );
      deepEqual(await seriousFaults(runs.page, ".lightly-page-run"), []);
      await runs.back();
      // All steps but the failed selection are completed or skipped. Steps that were running when the run failed may end later.
      await until(async () => {
        const { steps } = await read(runId);
        return ((await runs.row(runId).textContent()) ?? "").includes(`${steps.length - 1}/${steps.length}`);
      });
    });

    itIn5("filters the table by words, state, flow and day", async () => {
      const all = await runs.rows.count();
      equal(all, 4);
      await runs.page.getByLabel("State").selectOption("failed");
      await untilPassed(async () => {
        equal(await runs.rows.count(), 1);
        match((await runs.page.locator(".lightly-page-list .lightly-page-count").textContent()) ?? "", /1 of 4/);
      });
      await runs.page.getByLabel("State").selectOption("all");
      await runs.page.getByLabel("Search").fill("run again");
      await untilPassed(async () => equal(await runs.rows.count(), 1));
      await runs.page.getByLabel("Search").fill("");
      await runs.page.getByLabel("Flow").selectOption("Lightly pipeline");
      await untilPassed(async () => equal(await runs.rows.count(), all));
      await runs.page.getByLabel("From").fill("2999-01-01");
      await runs.page.getByText("No run matches the filters.").waitFor();
      await runs.page.getByLabel("From").fill("");
      await untilPassed(async () => equal(await runs.rows.count(), all));
    });

    itIn5("keeps the filters in its address: after a reload, and on the way back from a run", async () => {
      await runs.page.getByLabel("Flow").selectOption("");
      await runs.page.getByLabel("State").selectOption("failed");
      await runs.page.getByLabel("Search").fill("lightly");
      await runs.page.waitForURL(/#search=lightly&state=failed$/);
      await runs.page.reload();
      await untilPassed(async () => equal(await runs.rows.count(), 1));
      await runs.rows.first().getByRole("link").click();
      await runs.runId.waitFor();
      await runs.back();
      await runs.page.waitForURL(/#search=lightly&state=failed$/);
      equal(await runs.page.getByLabel("Search").inputValue(), "lightly");
      await runs.page.getByLabel("State").selectOption("all");
      await runs.page.getByLabel("Search").fill("");
      await untilPassed(async () => equal(await runs.rows.count(), 4));
      await runs.page.waitForURL(/#$/);
    });

    for (const size of SIZES) {
      itIn5(
        `fits ${size.width} x ${size.height}, and has no serious accessibility violation in both themes`,
        async () => {
          await runs.page.setViewportSize(size);
          const tooWide = (selector: string): Promise<number> =>
            runs.page.locator(selector).evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
          deepEqual(await seriousFaults(runs.page, "body"), []);
          equal(await tooWide(".lightly-page-scrolled"), 0);
          const note = runs.page.locator("td.lightly-page-note", { hasText: /\w/ }).first();
          equal(await note.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth), 0);
          await takePictures(runs.page, `page-list-${size.width}-${nodeRedPackage}`);
          await runs.open(completed, "steps");
          for (const head of await runs.page.locator(".lightly-runs-step-head").all()) {
            if ((await head.getAttribute("aria-expanded")) === "false") {
              await head.click();
            }
          }
          deepEqual(await seriousFaults(runs.page, "body"), []);
          equal(await tooWide(".lightly-page-run"), 0);
          await takePictures(runs.page, `page-run-${size.width}-${nodeRedPackage}`);
          await runs.tab("Log").click();
          deepEqual(await seriousFaults(runs.page, "body"), []);
          await runs.back();
        },
      );
    }

    itIn5("deletes selected runs after the user has confirmed it, but not those that are running", async () => {
      await runs.page.setViewportSize(SIZES[0]);
      sandbox.faults.runNeverEnds = true;
      const running = await trigger();
      await untilSelecting(running);
      await runs.row(running).waitFor();
      await runs.page.getByLabel("Select all runs").check();
      await runs.page.getByText("Selected: 5").waitFor();
      await runs.page.getByRole("button", { name: "Delete" }).click();
      await runs.page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
      equal(await runs.rows.count(), 5);
      await runs.page.getByRole("button", { name: "Delete" }).click();
      await runs.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
      await until(async () => (await runs.rows.count()) === 1);
      equal(await runs.rows.getAttribute("data-run"), running);
      equal((await fetch(`${opened.url}/lightly-aws/runs/${completed}`)).status, 404);
    });

    itIn5("aborts selected runs after the user has confirmed it", async () => {
      await runs.rows.first().getByRole("checkbox").check();
      await runs.page.getByRole("button", { name: "Abort" }).click();
      await takePictures(runs.page, `page-bulk-${nodeRedPackage}`);
      await runs.page.getByRole("dialog").getByRole("button", { name: "Abort" }).click();
      await runs.rows.filter({ hasText: "aborted" }).waitFor();
      await untilPassed(async () => equal(await runs.page.locator(".lightly-page-bulk").isVisible(), false));
    });

    it("deletes a run on its page, and returns to the table", async () => {
      if (await runs.runId.isVisible()) {
        await runs.back();
      }
      const runId = (await runs.rows.first().getAttribute("data-run")) ?? "";
      await untilEnd(runId);
      await runs.open(runId);
      await until(async () => (await runs.action("Delete").getAttribute("aria-disabled")) === "false");
      await runs.action("Delete").click();
      await runs.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
      await runs.page.getByText("No runs yet.").waitFor();
    });

    it("says of a run that does not exist only that", async () => {
      await runs.page.goto(`${opened.url}/lightly-aws/#run=0000000000000000`);
      await runs.page.getByText("This run does not exist, or it was removed.").waitFor();
      await takePictures(runs.page, `page-no-run-${nodeRedPackage}`);
      await untilPassed(async () => {
        equal(await runs.page.locator(".lightly-page-run button:visible").count(), 1, "other buttons than Copy");
        equal(await runs.page.locator(".lightly-page-gantt:visible, .lightly-page-tabs:visible").count(), 0);
        equal(await runs.page.locator(".lightly-runs-error:visible").count(), 1);
      });
    });

    it("has no script error", () => deepEqual(opened.editor.faults, []));

    /** Like a user in the Lightly app. */
    async function cancelAtLightly(step: StepRecord | undefined): Promise<void> {
      const { datasetId, scheduledRunId } = step?.checkpoint ?? {};
      const { LIGHTLY_SERVER_LOCATION, LIGHTLY_TOKEN } = sandbox.environment;
      const path = `/v1/datasets/${datasetId}/docker/worker/schedule/${scheduledRunId}`;
      const { ok: isCanceled } = await fetch(`${LIGHTLY_SERVER_LOCATION}${path}?token=${LIGHTLY_TOKEN}`, {
        method: "PUT",
      });
      ok(isCanceled);
    }
  });
}
