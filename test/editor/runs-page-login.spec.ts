import { deepEqual, equal, match } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { type NodeRedProcess, startNodeRed } from "../../scripts/local/node-red-process.ts";
import { PACKAGE_ROOT } from "../../scripts/local/package-root.ts";
import { HANG_MS } from "../support/limits.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { seriousFaults } from "./accessibility.ts";
import { sharedBrowser } from "./browser.ts";
import { whyNoBrowser } from "./chromium.ts";
import { openWindow, takePictures } from "./editor-page.ts";

/** The password is the name of the user, whose permissions are the name. */
const SETTINGS = `
  httpAdminRoot: "/red/admin",
  adminAuth: {
    type: "credentials",
    users: async (name) => ({ username: name, permissions: name === "admin" ? "*" : name.split("+") }),
    authenticate: async (name, password) => name === password ? { username: name, permissions: name === "admin" ? "*" : name.split("+") } : null,
    default: async () => null,
  },`;

declare const localStorage: { setItem(name: string, value: string): void; clear(): void };

describe("the full page of the Runs view in a Node-RED with users and another admin root", () => {
  let nodeRed: NodeRedProcess;
  let page: Page;

  before(async function () {
    const reason = whyNoBrowser();
    if (reason) {
      console.warn(`      ${reason}`);
      this.skip();
    }
    nodeRed = await startNodeRed({
      userDir: temporaryFolder(),
      flow: join(PACKAGE_ROOT, "examples", "flows.json"),
      environment: {},
      settings: SETTINGS,
    });
    // Its flow is not configured, so this run fails at once.
    await fetch(`${new URL(nodeRed.url).origin}/lightly-pipeline`, { method: "POST" });
    page = await open();
  });
  after(async () => {
    await page?.context().close();
    await nodeRed?.close();
  });

  const address = (): string => `${new URL(nodeRed.url).origin}/red/admin/lightly-aws/`;
  async function open(locale = "en-US"): Promise<Page> {
    const opened = await openWindow(await sharedBrowser(), { width: 1440, height: 900 }, locale);
    await opened.goto(address());
    return opened;
  }

  it("says that the user has to log in in the editor, and shows nothing else", async () => {
    await page.getByRole("alert").filter({ hasText: "Log in in the editor" }).waitFor();
    equal(await page.locator(".lightly-page-content").isVisible(), false);
    equal(await page.getByRole("link", { name: "Editor" }).getAttribute("href"), address().replace("lightly-aws/", ""));
    deepEqual(await seriousFaults(page, "body"), []);
    await takePictures(page, "page-login");
  });

  it("continues by itself when the user has logged in there", async () => {
    const editor = await page.context().newPage();
    editor.setDefaultTimeout(HANG_MS);
    await editor.goto(address().replace("lightly-aws/", ""));
    await editor.locator("#node-dialog-login-username").fill("admin");
    await editor.locator("#node-dialog-login-password").fill("admin");
    await editor.keyboard.press("Enter");
    await page.locator(".lightly-page-table tbody tr").first().waitFor();
    equal(await page.getByRole("alert").isVisible(), false);
    equal(await page.getByRole("checkbox").first().isVisible(), true);
    match((await page.locator(".lightly-page-table").textContent()) ?? "", /Lightly pipeline/);
    await editor.close();
  });

  it("has no actions for a user who may only read, and no names of flows without that permission", async () => {
    await logInAs("lightly-aws-runs.read");
    await page.locator(".lightly-page-table tbody tr").first().waitFor();
    equal(await page.getByRole("checkbox").count(), 0);
    await page.locator(".lightly-page-table tbody a").first().click();
    await page.locator(".lightly-runs-choice").first().waitFor();
    equal(await page.getByRole("button", { name: "Run again" }).isVisible(), false);
  });

  it("says that a user lacks the permission to read runs", async () => {
    await logInAs("settings.read");
    await page.getByRole("alert").filter({ hasText: "lightly-aws-runs.read" }).waitFor();
  });

  for (const language of ["en-US", "de", "ja", "zh-CN"]) {
    it(`is in the language of the browser: ${language}`, async () => {
      const token = await tokenOf("admin");
      await page.context().close();
      page = await open(language);
      await useToken(token);
      const file = join("src", "plugins", "lightly-aws", "locales", language, "lightly-aws.json");
      const texts = JSON.parse(readFileSync(file, "utf8"));
      await page.locator(".lightly-page-table tbody tr").first().waitFor();
      equal(await page.title(), texts.page.title);
      const heads = await page.locator("thead th").allTextContents();
      deepEqual(heads.filter(Boolean), Object.values(texts.table).slice(0, 8));
      await page.setViewportSize({ width: 1024, height: 700 });
      await page.locator(".lightly-page-table tbody a").first().click();
      await page.locator(".lightly-runs-choice").first().waitFor();
      const tooWide = await page
        .locator(".lightly-page-run")
        .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
      equal(tooWide, 0);
      deepEqual(await seriousFaults(page, "body"), []);
      await takePictures(page, `page-${language}`);
    });
  }

  async function tokenOf(user: string): Promise<string> {
    const response = await fetch(`${address().replace("lightly-aws/", "")}auth/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        client_id: "node-red-editor",
        grant_type: "password",
        scope: "",
        username: user,
        password: user,
      }),
    });
    return JSON.stringify(await response.json());
  }

  async function logInAs(user: string): Promise<void> {
    await useToken(await tokenOf(user));
  }

  /** Like the editor, which saves the token under a name with its path. */
  async function useToken(token: string): Promise<void> {
    await page.evaluate((saved) => localStorage.setItem("auth-tokens-red-admin", saved), token);
    await page.goto(address());
    await page.reload();
  }
});
