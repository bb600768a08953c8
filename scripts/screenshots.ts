import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { launchBrowser } from "../test/editor/browser.ts";
import { openEditor } from "../test/editor/editor-page.ts";
import { startLocalStack } from "./local/local-stack.ts";
import { PACKAGE_ROOT } from "./local/package-root.ts";
import { createAlbum } from "./screenshots/album.ts";
import { pictureForms } from "./screenshots/forms.ts";
import { pictureHelpers } from "./screenshots/helpers.ts";
import { pictureRuns } from "./screenshots/runs.ts";

/** Takes all pictures of README and docs again: `npm run screenshots`. */
async function main(): Promise<void> {
  const stateDir = await mkdtemp(join(tmpdir(), "lightly-aws-screenshots-"));
  const stack = await startLocalStack({
    stateDir,
    log: console.log,
    allNodes: true,
  });
  try {
    const { browser, close } = await launchBrowser();
    try {
      const { page } = await openEditor(browser, stack.nodeRed.url);
      page.setDefaultTimeout(30_000);
      const album = await createAlbum(page, resolve(PACKAGE_ROOT, "docs", "images"));
      await pictureRuns(album, stack);
      await pictureForms(album);
      await pictureHelpers(album);
      album.finish();
    } finally {
      await close();
    }
  } finally {
    await stack.close();
    await rm(stateDir, { recursive: true, force: true });
  }
}

await main();
