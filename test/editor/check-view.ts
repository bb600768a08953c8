import { deepEqual, match, ok } from "node:assert/strict";
import type { Locator, Page } from "playwright-core";
import { takePictures } from "./editor-page.ts";
import { openRunsPanel } from "./runs-panel-page.ts";

/** The text of the button, and of the summary of a flow that is not configured, in each language. */
const TEXTS = {
  "en-US": ["Check this flow", /^Problems: \d+, warnings: \d+, not checked: \d+$/],
  de: ["Flow prüfen", /^Probleme: \d+, Warnungen: \d+, nicht geprüft: \d+$/],
  ja: ["フローを確認", /^問題：\d+、警告：\d+、未確認：\d+$/],
  "zh-CN": ["检查此流程", /^问题：\d+，警告：\d+，未检查：\d+$/],
} as const;

/** Variables for a Node-RED that finds no credentials on this computer. */
export function withoutCredentials(folder: string): Record<string, string> {
  return { HOME: folder, AWS_EC2_METADATA_DISABLED: "true" };
}

/** Clicks the button, and returns the report. */
export async function check(page: Page, language: keyof typeof TEXTS = "en-US"): Promise<Locator> {
  const [button] = TEXTS[language];
  await openRunsPanel(page);
  await page.getByRole("button", { name: button, exact: true }).click();
  const view = page.locator(".lightly-check");
  await view.locator(".lightly-check-group").first().waitFor();
  return view;
}

/** Parts that are wider than the panel. */
export async function cutOff(view: Locator): Promise<string[]> {
  return await view
    .locator("*")
    .evaluateAll((elements) =>
      elements
        .filter(({ scrollWidth, clientWidth }) => clientWidth > 0 && scrollWidth > clientWidth + 1)
        .map(({ className, textContent }) => `${className}: ${textContent?.slice(0, 40)}`),
    );
}

/** Asserts that the report of the whole pipeline without any variable lists all of them, in a language. */
export async function assertListsVariables(page: Page, language: keyof typeof TEXTS): Promise<void> {
  const [, summary] = TEXTS[language];
  const view = await check(page, language);
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
  await takePictures(page, `check-unconfigured-${language}`);
}
