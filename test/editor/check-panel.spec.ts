import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { type Sandbox, startSandbox } from "lightly-aws-sandbox";
import { makeClips } from "lightly-aws-sandbox/clips";
import type { Locator, Page } from "playwright-core";
import { CLIPS_DIR } from "../../scripts/local/local-stack.ts";
import { type NodeRedProcess, startNodeRed } from "../../scripts/local/node-red-process.ts";
import { PACKAGE_ROOT } from "../../scripts/local/package-root.ts";
import { useOwnEnvironment } from "../support/environment.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { seriousFaults } from "./accessibility.ts";
import { takePictures } from "./editor-page.ts";
import { openRunsPanel } from "./runs-panel-page.ts";
import { type Served, useEditor } from "./use-editor.ts";

const FLOW = join(PACKAGE_ROOT, "examples", "flows.json");

/** The text of the button, and of the summary of a flow that is not configured, in each language. */
const TEXTS: Readonly<Record<string, readonly [button: string, summary: RegExp]>> = {
  "en-US": ["Check this flow", /^Problems: \d+, warnings: \d+, not checked: \d+$/],
  de: ["Flow prüfen", /^Probleme: \d+, Warnungen: \d+, nicht geprüft: \d+$/],
  ja: ["フローを確認", /^問題：\d+、警告：\d+、未確認：\d+$/],
  "zh-CN": ["检查此流程", /^问题：\d+，警告：\d+，未检查：\d+$/],
};

/** Starts a Node-RED with the example and the variables of a sandbox, or without any. */
async function startExample(nodeRedPackage: string, sandbox?: Sandbox) {
  const folder = temporaryFolder();
  return await startNodeRed({
    package: nodeRedPackage,
    userDir: join(folder, "user"),
    flow: FLOW,
    environment: { HOME: folder, AWS_EC2_METADATA_DISABLED: "true", ...sandbox?.environment },
  });
}

/** Clicks the button, and returns the report. */
async function check(page: Page, button = TEXTS["en-US"]?.[0] ?? ""): Promise<Locator> {
  await openRunsPanel(page);
  await page.getByRole("button", { name: button, exact: true }).click();
  const view = page.locator(".lightly-check");
  await view.locator(".lightly-check-group").first().waitFor();
  return view;
}

/** Parts that are wider than the panel. */
async function cutOff(view: Locator): Promise<string[]> {
  return await view
    .locator("*")
    .evaluateAll((elements) =>
      elements
        .filter(({ scrollWidth, clientWidth }) => clientWidth > 0 && scrollWidth > clientWidth + 1)
        .map(({ className, textContent }) => `${className}: ${textContent?.slice(0, 40)}`),
    );
}

for (const nodeRedPackage of ["node-red", "node-red-4"]) {
  describe(`the check of a configured flow in ${nodeRedPackage}`, () => {
    useOwnEnvironment(/^(?:AWS|LIGHTLY|PEXELS|PIPELINE)_/);
    let sandbox: Sandbox;
    const opened = useEditor(async () => {
      const stateDir = temporaryFolder();
      await makeClips(CLIPS_DIR);
      sandbox = await startSandbox({ stateDir, videosDir: CLIPS_DIR, worker: "instant" });
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

describe("the check of a flow without any variable", () => {
  useOwnEnvironment(/^(?:AWS|LIGHTLY|PEXELS|PIPELINE)_/);
  let nodeRed: NodeRedProcess | undefined;
  after(() => nodeRed?.close());
  /** A check changes nothing: the languages share a Node-RED. */
  const serve = async (): Promise<Served> => {
    nodeRed ??= await startExample("node-red");
    return { url: nodeRed.url, close: async () => {} };
  };

  for (const language of Object.keys(TEXTS)) {
    describe(`in ${language}`, () => {
      const opened = useEditor(serve, language);

      it("lists all variables first, each with the nodes that need it", async () => {
        const [button = "", summary = /-/] = TEXTS[language] ?? [];
        const view = await check(opened.page, button);
        match((await view.locator(".lightly-check-summary").innerText()).trim(), summary);
        const variables = await view.locator(".lightly-check-missing code").allInnerTexts();
        deepEqual([...variables].sort(), [
          "LIGHTLY_TOKEN",
          "PEXELS_API_KEY",
          "PIPELINE_DATASET",
          "PIPELINE_EXTERNAL_ID",
          "PIPELINE_INPUT_BUCKET",
          "PIPELINE_INPUT_PREFIX",
          "PIPELINE_INSTANCE_ID",
          "PIPELINE_LIGHTLY_BUCKET",
          "PIPELINE_LIGHTLY_PREFIX",
          "PIPELINE_REGION",
          "PIPELINE_ROLE_ARN",
          "PIPELINE_SCRIPT",
        ]);
        ok(!/check\.\w/.test(await view.innerText()), "a key instead of a text");
        deepEqual(await cutOff(view), []);
        await takePictures(opened.page, `check-unconfigured-${language}`);
      });
    });
  }
});
