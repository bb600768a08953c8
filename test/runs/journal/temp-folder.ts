import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A new folder for each test of a file, removed afterwards. */
export function useTempFolder(): { readonly path: string } {
  const folder = { path: "" };
  beforeEach(async () => {
    folder.path = await mkdtemp(join(tmpdir(), "runs-"));
  });
  afterEach(() => rm(folder.path, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 }));
  return folder;
}
