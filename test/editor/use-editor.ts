import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page, ViewportSize } from "playwright-core";
import { startNodeRed } from "../../scripts/local/node-red-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { sharedBrowser } from "./browser.ts";
import { whyNoBrowser } from "./chromium.ts";
import { cancelDialog, type EditorPage, openEditor, skipPropertyList, takeFailurePictures } from "./editor-page.ts";
import { openRunsView } from "./runs-page.ts";

/** A Node-RED, with what it needs. */
export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

/** Available inside hooks and tests only. */
export interface OpenEditor {
  readonly editor: EditorPage;
  readonly page: Page;
  readonly url: string;
  /** Opens the editor again, in a window of a new session; default 1440 x 900. */
  reopen(viewport?: ViewportSize): Promise<void>;
}

/**
 * Opens the editor of a Node-RED in a browser before the tests of a suite; without a browser they are skipped. A test that fails leaves
 * pictures, and no open dialog to the next one.
 *
 * @param language the browser's language
 */
export function useEditor(start: () => Promise<Served>, language?: string): OpenEditor {
  return useView(start, async (browser, url, viewport) => {
    const editor = await openEditor(browser, url, language, viewport);
    await skipPropertyList(editor.page);
    return editor;
  });
}

/** Like {@link useEditor}, for the full page of the Runs view: without the editor, whose start takes seconds of processor time. */
export function useRunsPage(start: () => Promise<Served>): OpenEditor {
  return useView(start, openRunsView);
}

function useView(
  start: () => Promise<Served>,
  open: (browser: Browser, url: string, viewport?: ViewportSize) => Promise<EditorPage>,
): OpenEditor {
  let served: Served | undefined;
  let editor: EditorPage | undefined;

  before(async function () {
    const reason = whyNoBrowser();
    if (reason) {
      console.warn(`      ${reason}`);
      this.skip();
    }
    served = await start();
    editor = await open(await sharedBrowser(), served.url);
  });
  afterEach(async function () {
    if (editor && this.currentTest?.state === "failed") {
      await takeFailurePictures(editor.page, `failed-${this.currentTest.fullTitle().replaceAll(/\W+/g, "-")}`);
      if (await editor.page.locator(".red-ui-tray").count()) {
        await cancelDialog(editor.page).catch(() => {});
      }
    }
  });
  after(async () => {
    await editor?.close();
    await served?.close();
  });

  return {
    get editor() {
      return opened(editor);
    },
    get page() {
      return opened(editor).page;
    },
    get url() {
      return opened(served).url;
    },
    reopen: async (viewport) => {
      await editor?.close();
      editor = await open(await sharedBrowser(), opened(served).url, viewport);
    },
  };
}

export interface FlowEditorOptions {
  readonly flow: readonly object[];
  /** Default `node-red`. */
  readonly nodeRedPackage?: string;
  /** The browser's language; default English. */
  readonly language?: string;
  /** Variables of Node-RED, given its folder. */
  readonly environment?: (folder: string) => Readonly<Record<string, string>>;
  /** Loads all core nodes, for flows that are imported later. */
  readonly allNodes?: boolean;
}

/** Opens a flow in the editor of a Node-RED without any service. */
export function useFlowEditor({ language, ...options }: FlowEditorOptions): OpenEditor {
  return useEditor(() => serveFlow(options), language);
}

/** Starts a Node-RED with a flow, without any service. */
export async function serveFlow(options: Omit<FlowEditorOptions, "language">): Promise<Served> {
  const { flow, nodeRedPackage, environment, allNodes } = options;
  const folder = temporaryFolder();
  const file = join(folder, "flow.json");
  await writeFile(file, JSON.stringify(flow));
  return startNodeRed({
    package: nodeRedPackage,
    userDir: join(folder, "user"),
    flow: file,
    environment: environment?.(folder) ?? {},
    allNodes: allNodes ?? false,
  });
}

function opened<T>(what: T | undefined): T {
  if (what === undefined) {
    throw new Error("The editor is not open yet.");
  }
  return what;
}
