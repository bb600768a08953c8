import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { type Sandbox, startSandbox } from "lightly-aws-sandbox";
import { testClips } from "../../sandbox/test/clips/test-clips.ts";
import { startNodeRed } from "../../scripts/local/node-red-process.ts";
import { PACKAGE_ROOT } from "../../scripts/local/package-root.ts";
import { useOwnEnvironment } from "../support/environment.ts";
import { NODE_REDS } from "../support/node-reds.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { seriousFaults } from "./accessibility.ts";
import { assertListsVariables, check, cutOff, withoutCredentials } from "./check-view.ts";
import { takePictures } from "./editor-page.ts";
import { useEditor } from "./use-editor.ts";

const FLOW = join(PACKAGE_ROOT, "examples", "flows.json");

/** Starts a Node-RED with the example and the variables of a sandbox, or without any. */
async function startExample(nodeRedPackage: string, sandbox?: Sandbox) {
  const folder = temporaryFolder();
  return await startNodeRed({
    package: nodeRedPackage,
    userDir: join(folder, "user"),
    flow: FLOW,
    environment: { ...withoutCredentials(folder), ...sandbox?.environment },
  });
}

for (const nodeRedPackage of NODE_REDS) {
  describe(`the check of a configured flow in ${nodeRedPackage}`, () => {
    useOwnEnvironment(/^(?:AWS|LIGHTLY|PEXELS|PIPELINE)_/);
    let sandbox: Sandbox;
    const opened = useEditor(async () => {
      const stateDir = temporaryFolder();
      sandbox = await startSandbox({ stateDir, videosDir: await testClips(), worker: "instant" });
      const nodeRed = await startExample(nodeRedPackage, sandbox);
      return {
        url: nodeRed.url,
        close: async () => {
          await nodeRed.close();
          await sandbox.close();
        },
      };
    });
    afterEach(() => sandbox.faults.clear());

    it("says that there is no problem, with all groups closed", async () => {
      const view = await check(opened.page);
      match((await view.locator(".lightly-check-summary").innerText()).trim(), /^No problems\. Not checked: 2$/);
      equal(await view.locator("details[open]").count(), 0);
      deepEqual(
        (await view.locator("summary").allInnerTexts()).map((text) => text.trim()),
        ["AWS account", "Permissions", "Buckets", "Instance", "Lightly", "Pexels"],
      );
      await takePictures(opened.page, `check-fine-${nodeRedPackage}`);
    });

    it("opens the groups with problems, and says what to do", async () => {
      sandbox.faults.add({
        service: "s3",
        operation: "CreateMultipartUpload",
        kind: "status",
        status: 403,
        code: "AccessDenied",
      });
      sandbox.faults.add({ service: "lightly", kind: "status", status: 401, code: "UNAUTHORIZED" });
      await opened.page.locator(".lightly-check").getByRole("button", { name: "Check again" }).click();
      const open = opened.page.locator(".lightly-check details[open]");
      await open.first().waitFor();
      deepEqual(
        (await open.locator("summary").allInnerTexts()).map((text) => text.trim()),
        ["Buckets", "Lightly"],
      );
      const [first = ""] = await open.first().locator("li").allInnerTexts();
      match(first, /Bucket · s3:\/\/lightly-input\/videos\/\n.*s3:PutObject/);
      equal(await open.first().locator('[role="img"]').nth(1).getAttribute("aria-label"), "problem");
      deepEqual(await cutOff(opened.page.locator(".lightly-check")), []);
      deepEqual(await seriousFaults(opened.page, ".lightly-check"), []);
      await takePictures(opened.page, `check-problems-${nodeRedPackage}`);
    });

    it("returns to the runs, with the focus on its button", async () => {
      await opened.page.locator(".lightly-check").getByRole("button", { name: "Runs" }).click();
      await opened.page.locator(".lightly-runs-list").waitFor({ state: "attached" });
      ok(await opened.page.getByRole("button", { name: "Check this flow" }).evaluate((one) => one.matches(":focus")));
      deepEqual(await seriousFaults(opened.page, ".lightly-check-bar"), []);
      deepEqual(opened.editor.faults, []);
    });
  });
}

/** The other languages: languages.spec.ts. */
describe("the check of a flow without any variable", () => {
  useOwnEnvironment(/^(?:AWS|LIGHTLY|PEXELS|PIPELINE)_/);
  const opened = useEditor(() => startExample("node-red"));

  it("lists all variables first, each with the nodes that need it", () => assertListsVariables(opened.page, "en-US"));
});
