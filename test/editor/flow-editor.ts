import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../../scripts/local/free-port.ts";
import { type NodeRedProcess, startNodeRed } from "../../scripts/local/node-red-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { launchBrowser, type TestBrowser, whyNoBrowser } from "./browser.ts";
import { type EditorPage, openEditor } from "./editor-page.ts";

export interface FlowEditorOptions {
  readonly flow: readonly object[];
  /** Default `node-red`. */
  readonly nodeRedPackage?: string;
  /** The browser's language; default English. */
  readonly language?: string;
}

/** Available only during a test. */
export interface FlowEditor {
  readonly editor: EditorPage;
  readonly url: string;
}

/** Opens a flow in a browser before the tests of a file, from a Node-RED without services. Without a browser the tests are skipped. */
export function useFlowEditor({ flow, nodeRedPackage = "node-red", language }: FlowEditorOptions): FlowEditor {
  const folder = temporaryFolder();
  let nodeRed: NodeRedProcess | undefined;
  let browser: TestBrowser | undefined;
  let editor: EditorPage | undefined;

  before(async function () {
    const reason = whyNoBrowser();
    if (reason) {
      console.warn(`      ${reason}`);
      this.skip();
    }
    const file = join(folder, "flow.json");
    await writeFile(file, JSON.stringify(flow));
    nodeRed = await startNodeRed({
      package: nodeRedPackage,
      userDir: join(folder, "user"),
      port: await freePort(),
      flow: file,
      environment: {},
    });
    browser = await launchBrowser();
    editor = await openEditor(browser.browser, nodeRed.url, language);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.close();
  });

  return {
    get editor() {
      return there(editor);
    },
    get url() {
      return there(nodeRed).url;
    },
  };
}

function there<T>(what: T | undefined): T {
  if (what === undefined) {
    throw new Error("The editor is not open yet.");
  }
  return what;
}
