import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { testClips } from "../../sandbox/test/clips/test-clips.ts";
import { instanceState } from "../../scripts/local/instance-state.ts";
import { type LocalStack, startLocalStack } from "../../scripts/local/local-stack.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { untilPassed } from "../support/until-passed.ts";
import { importExample, nodeNamed, takePictures } from "./editor-page.ts";
import { useEditor } from "./use-editor.ts";

/** The steps of the example, and a part of the status of each at the end of the run. */
const ENDS: Readonly<Record<string, string>> = {
  "download video": "iB downloaded",
  "upload to S3": "iB uploaded",
  "start instance": "no longer running",
  "run worker": "exit code 0",
  "select 10 % of the frames": "completed",
  "stop instance": "stopped",
};

/** The debug node behind the selection shows its result: the instant worker selects nothing. */
const RESULT = "no frames";

describe("the example in the editor", () => {
  const folder = temporaryFolder();
  let stack: LocalStack;
  const opened = useEditor(async () => {
    const flow = join(folder, "empty.json");
    await writeFile(flow, "[]");
    stack = await startLocalStack({
      videosDir: await testClips(),
      stateDir: folder,
      delays: { startMs: 100, onlineMs: 100, stopMs: 1500, deliveryMs: 50, workerPollMs: 200 },
      worker: "instant",
      flow,
    });
    return { url: stack.nodeRed.url, close: stack.close };
  });

  it("is imported, and deployed by the Deploy button", async () => {
    const { page } = opened;
    await importExample(page, "flows", "Lightly pipeline");
    const deployed = page.waitForResponse(
      (answer) => /\/flows$/.test(answer.url()) && answer.request().method() === "POST",
    );
    await page.locator("#red-ui-header-button-deploy").click();
    assert.equal((await deployed).status(), 200);
    await nodeNamed(page, "upload to S3").locator(".red-ui-flow-node-changed").waitFor({ state: "hidden" });
    await untilPassed(async () => assert.equal(await page.locator(".red-ui-flow-node-error:visible").count(), 0));
    await takePictures(page, "example-deployed");
  });

  it("shows the result at each node after a click on the inject button", async () => {
    const { page } = opened;
    await nodeNamed(page, "run the pipeline").locator(".red-ui-flow-node-button-button").click();
    const isFailure = page.locator(".red-ui-flow-node-status-ring-red, .red-ui-flow-node-status-dot-red").first();
    for (const [name, end] of Object.entries(ENDS)) {
      const ended = nodeNamed(page, name).locator(".red-ui-flow-node-status-label", { hasText: end });
      await ended.or(isFailure).first().waitFor();
    }
    await nodeNamed(page, "result").locator(".red-ui-flow-node-status-label", { hasText: RESULT }).first().waitFor();
    const shown = await page.locator(".red-ui-flow-node-status-label:visible").allTextContents();
    const expected = [...Object.values(ENDS), RESULT];
    assert.equal(shown.length, expected.length, shown.join(", "));
    const [ofResult, ofSteps] = [
      shown.filter((text) => text.includes(RESULT)),
      shown.filter((text) => !text.includes(RESULT)),
    ];
    assert.equal(ofResult.length, 1, `${RESULT} is not in ${shown.join(", ")}`);
    for (const end of Object.values(ENDS)) {
      assert.equal(ofSteps.filter((text) => text.includes(end)).length, 1, `${end} is not in ${shown.join(", ")}`);
    }
    await takePictures(page, "example-done");
  });

  it("has completed each step of one run", async () => {
    const [run] = (await (await fetch(`${stack.nodeRed.url}/lightly-aws/runs`)).json()) as Array<{
      steps: Array<{ type: string; state: string }>;
    }>;
    assert.equal(run?.steps.length, Object.keys(ENDS).length);
    assert.ok(run.steps.every(({ state }) => state === "completed"));
  });

  it("stops the instance, and causes no error in the browser", async () => {
    assert.equal(await instanceState(stack.sandbox), "stopped");
    assert.deepEqual(opened.editor.faults, []);
  });
});
