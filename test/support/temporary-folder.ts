import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";

let root: string | undefined;

/**
 * Creates an empty folder, which is removed when the process ends.
 *
 * @param name the prefix of its name, for tests of paths with unusual characters
 */
export function temporaryFolder(name = ""): string {
  root ??= createRoot();
  return mkdtempSync(root + sep + name);
}

function createRoot(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "lightly-aws-")));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 }));
  return folder;
}

/** Creates an empty folder before each test of a suite. */
export function useTemporaryFolder(): { readonly path: string } {
  const folder = { path: "" };
  beforeEach(() => {
    folder.path = temporaryFolder();
  });
  return folder;
}
