import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Browser, Locator, Page, ViewportSize } from "playwright-core";
import { HANG_MS } from "../support/limits.ts";
import { type InPage, installInPage } from "./in-page.ts";
import { useLightSelectors } from "./light-selectors.ts";
import { clickOn } from "./user-input.ts";

const PACKAGE = "node-red-contrib-lightly-aws";
/** The folder for pictures, which git ignores. */
const PICTURES = resolve("artifacts", "editor");
/** The only external address that the editor requests; it may be unreachable. */
const CATALOGUE = "https://catalogue.nodered.org/";
/** Notifications would cover tabs and dialogs for some seconds. Without transitions, dialogs appear and close immediately. */
const STYLE = "#red-ui-notifications { display: none } * { transition: none !important }";
/** The dialog on top. */
const LAST_TRAY = ".red-ui-tray:not(:has(~ .red-ui-tray))";
/** The class that the tests give to a dialog that is ready for input. */
const READY = "is-ready";

/** Errors of the editor itself on a busy machine, in whose stacks no code of this package occurs. */
const EDITOR_FAULTS = [
  // Node-RED shows a tip before it has made the place for it.
  /reading 'html'\)\s+at \w+ \(\S*\/red\/red\.min\.js[^\n]*$/,
  // Monaco computes something for a dialog that is already closed.
  /^Error: Model is disposed!(?:\s+Error: Model is disposed!)?(?:\s+at (?:\S+ \()?\S+\/vendor\/monaco\/\S+)+$/,
];

/** The members of a node in the editor that tests use. */
export interface EditorNode {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly category: string;
  /** Whether all properties are valid. */
  readonly valid: boolean;
}

/** The members of the editor's global object that the tests use. */
interface Red {
  nodes: {
    getType(type: string): { category: string } | undefined;
    node(id: string): { readonly z: string };
    eachNode(each: (node: EditorNode) => void): void;
    eachConfig(each: (node: EditorNode) => void): void;
  };
  workspaces: { active(): string; show(id: string): void };
  editor: { edit(node: object): void; editConfig(name: string, type: string, id: string): void };
  sidebar: { info: { refresh(node?: object): void } };
  tray: { show(options?: { show?: () => void }): void };
}
declare const RED: Red | undefined;
declare const inPage: InPage;
declare const $: { fx: { off: boolean } };
declare const document: {
  documentElement: { classList: { toggle(name: string, force: boolean): void } };
  querySelector(selector: string): { checkVisibility(): boolean; classList: { add(name: string): void } } | null;
};

/** A Node-RED editor in the browser. */
export interface EditorPage {
  readonly page: Page;
  /** All script errors and console errors. */
  readonly faults: readonly string[];
  close(): Promise<void>;
}

/** Opens the editor in the browser's language, and waits until it has loaded all nodes and the flows. */
export async function openEditor(
  browser: Browser,
  url: string,
  locale = "en-US",
  viewport: ViewportSize = { width: 1440, height: 900 },
): Promise<EditorPage> {
  const page = await openWindow(browser, viewport, locale);
  const faults: string[] = [];
  page.on("pageerror", ({ stack, message }) => {
    if (!EDITOR_FAULTS.some((fault) => fault.test(stack ?? ""))) {
      faults.push(stack ?? message);
    }
  });
  page.on("console", (message) => {
    if (message.type() === "error" && !message.location().url.startsWith(CATALOGUE)) {
      faults.push(`${message.text()} (${message.location().url})`);
    }
  });
  await page.goto(url);
  await page.waitForFunction(
    () =>
      typeof RED !== "undefined" &&
      RED.nodes.getType("lightly-ec2-stop") !== undefined &&
      document.querySelector("#red-ui-loading-progress")?.checkVisibility() !== true,
  );
  await page.addStyleTag({ content: STYLE });
  await page.evaluate(() => {
    $.fx.off = true;
  });
  await markReadyDialogs(page);
  return { page, faults, close: () => page.context().close() };
}

/** Opens an empty page in a new session of the browser. */
export async function openWindow(browser: Browser, viewport: ViewportSize, locale = "en-US"): Promise<Page> {
  const context = await browser.newContext({ viewport, colorScheme: "light", locale });
  await context.addInitScript(installInPage, HANG_MS);
  const page = await context.newPage();
  useLightSelectors(page);
  page.setDefaultTimeout(HANG_MS);
  return page;
}

/**
 * Marks a dialog as soon as it is ready for input. Node-RED moves the focus to the first field of a dialog 150 ms after it has shown it, so a
 * key that is pressed earlier may reach another field.
 */
async function markReadyDialogs(page: Page): Promise<void> {
  await page.evaluate(
    ([last, ready]) => {
      if (RED) {
        const { tray } = RED;
        const { show } = tray;
        tray.show = (options) => {
          if (options) {
            const shown = options.show;
            options.show = () => {
              shown?.();
              // Node-RED moves the focus in the task that calls this function.
              setTimeout(() => document.querySelector(last)?.classList.add(ready));
            };
          }
          show(options);
        };
      }
    },
    [LAST_TRAY, READY] as const,
  );
}

/** The editor lists all properties in its sidebar when a form closes, which takes a quarter of the time of a form, and which no test reads. */
export async function skipPropertyList(page: Page): Promise<void> {
  await page.evaluate(() => {
    if (RED) {
      RED.sidebar.info.refresh = () => {};
    }
  });
}

/** Imports one of the package's examples through the import dialog, and shows its flow. */
export async function importExample(page: Page, name: string, flow: string): Promise<void> {
  await page.keyboard.press("Control+i");
  const dialog = page.getByRole("dialog", { name: "Import nodes" });
  await stillness(dialog);
  await dialog.locator("#red-ui-tab-red-ui-clipboard-dialog-import-tab-examples").click();
  const examples = dialog.locator("#red-ui-clipboard-dialog-import-tab-examples");
  await examples.getByText(PACKAGE, { exact: true }).click();
  await examples.getByText("streaming", { exact: true }).waitFor();
  // The folder of all examples has the name "flows" too, and is above them.
  await examples.getByText(name, { exact: true }).last().click();
  await dialog.getByRole("button", { name: "Import" }).click();
  await dialog.waitFor({ state: "hidden" });
  const tab = page.locator("#red-ui-workspace-tabs").getByText(flow, { exact: true });
  // The examples share their accounts: a notification, which is not shown here, asks what to do with those of an earlier example.
  const copy = page.locator("#red-ui-notifications button", { hasText: "Import copy" });
  await tab.or(copy).first().waitFor({ state: "attached" });
  if ((await copy.count()) > 0) {
    await copy.first().dispatchEvent("click");
  }
  await tab.click();
  // 4.1 treats two quick clicks on any two tabs as a double click.
  await page.waitForTimeout(500);
}

/** This package's nodes in the editor: those in a flow, and the config nodes. */
export async function ownNodes(page: Page): Promise<EditorNode[]> {
  return page.evaluate(() => {
    const found: EditorNode[] = [];
    const collect = ({ id, type, name, valid }: EditorNode): void => {
      if (type.startsWith("lightly-")) {
        found.push({ id, type, name, valid, category: RED?.nodes.getType(type)?.category ?? "" });
      }
    };
    RED?.nodes.eachNode(collect);
    RED?.nodes.eachConfig(collect);
    return found;
  });
}

/** Removes a property from a node, like in a flow that is older than the property. */
export async function takeProperty(page: Page, nodeId: string, property: string): Promise<void> {
  await page.evaluate(
    ([id, name]) => {
      RED?.nodes.eachNode((node) => {
        if (node.id === id) {
          delete (node as unknown as Record<string, unknown>)[name];
        }
      });
    },
    [nodeId, property] as const,
  );
}

/** A node in the workspace by its label. */
export function nodeNamed(page: Page, name: string): Locator {
  return page
    .locator(".red-ui-flow-node-group")
    .filter({ has: page.locator(".red-ui-flow-node-label-text", { hasText: name }) });
}

/** Opens the edit dialog of a node. */
export async function openDialog(page: Page, { id, type, category }: EditorNode): Promise<Locator> {
  if (category !== "config") {
    return editNode(page, id);
  }
  await page.evaluate(([t, i]) => RED?.editor.editConfig("", t, i), [type, id] as const);
  return shownDialog(page);
}

/** Opens the edit dialog of a node in a flow. */
export async function editNode(page: Page, id: string): Promise<Locator> {
  await page.evaluate((nodeId) => RED?.editor.edit(RED.nodes.node(nodeId)), id);
  return shownDialog(page);
}

/** Opens the edit dialog of a node like a user does. Two clicks of a busy machine may be too slow for a double click. */
export async function doubleClickNode(page: Page, id: string): Promise<Locator> {
  await showFlowOf(page, id);
  const node = page.locator(`[id="${id}"] .red-ui-flow-node`);
  for (let attempt = 0; attempt < 5 && (await page.locator(".red-ui-tray").count()) === 0; attempt += 1) {
    await node.dblclick();
  }
  return shownDialog(page);
}

/** The dialog on top, as soon as it is ready for input. */
export async function shownDialog(page: Page): Promise<Locator> {
  await page.evaluate(
    (form) => inPage.until(() => document.querySelector(form)?.checkVisibility(), "The form is shown"),
    `${LAST_TRAY}.${READY} .lightly-aws-form`,
  );
  return page.locator(".red-ui-tray").last();
}

async function showFlowOf(page: Page, nodeId: string): Promise<void> {
  await page.evaluate((id) => {
    const flow = RED?.nodes.node(id).z;
    if (flow !== undefined && RED?.workspaces.active() !== flow) {
      RED?.workspaces.show(flow);
    }
  }, nodeId);
}

/** Leaves the open dialog by its Cancel button. */
export async function cancelDialog(page: Page): Promise<void> {
  await clickOn(page, { path: ["#node-dialog-cancel, #node-config-dialog-cancel"] });
  await closed(page);
}

/** Leaves the open dialog by its Done button. */
export async function saveDialog(page: Page): Promise<void> {
  await clickOn(page, { path: ["#node-dialog-ok, #node-config-dialog-ok"] });
  await closed(page);
}

async function closed(page: Page): Promise<void> {
  await page.evaluate(() =>
    inPage.until(
      () =>
        !document.querySelector(".red-ui-tray") && !document.querySelector("#red-ui-editor-shade")?.checkVisibility(),
      "The dialog is closed",
    ),
  );
}

/** Waits until an element has stopped moving. */
async function stillness(element: Locator): Promise<void> {
  for (let before = "", now = "-"; before !== now; ) {
    before = now;
    await element.page().waitForTimeout(50);
    now = JSON.stringify(await element.boundingBox());
  }
}

/** Takes pictures of a state that is as it should be, for the eye, if the variable `PICTURES` is set. */
export async function takePictures(page: Page, name: string, element: Locator | Page = page): Promise<void> {
  if (process.env.PICTURES) {
    await takeFailurePictures(page, name, element);
  }
}

/** Takes a picture of the whole editor, or of an element, in the light and in the dark theme. */
export async function takeFailurePictures(page: Page, name: string, element: Locator | Page = page): Promise<void> {
  await mkdir(PICTURES, { recursive: true });
  for (const theme of ["light", "dark"]) {
    await page.evaluate((isDark) => {
      document.documentElement.classList.toggle("nr-theme-dark", isDark);
    }, theme === "dark");
    await element.screenshot({ path: join(PICTURES, `${name}-${theme}.png`) });
  }
  await page.evaluate(() => document.documentElement.classList.toggle("nr-theme-dark", false));
}
