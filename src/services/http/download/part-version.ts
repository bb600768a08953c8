import { readFile, rm } from "node:fs/promises";
import { displayUrl } from "../url/source-url.ts";
import { openOwnFile, readOwnFile } from "./own-file.ts";

/** Which version of which file on the web the bytes of a part file come from. */
export interface PartVersion {
  readonly url: URL;
  /** A strong ETag or a modification date, as `If-Range` takes it. */
  readonly validator: string;
  readonly totalBytes: number;
}

/**
 * A note beside a part file, by which a later process can tell whether its bytes may be gone on from. It counts only until the
 * machine starts again: after a power cut the disk may hold a file's length without its bytes. Where the machine's starts can't be
 * told apart, nothing is noted.
 */
export class PartVersionFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async write({ url, ...version }: PartVersion): Promise<void> {
    const bootId = await readBootId();
    if (bootId !== undefined) {
      const handle = await openOwnFile(this.#path);
      try {
        await handle.truncate(0);
        await handle.writeFile(JSON.stringify({ ...version, url: displayUrl(url), bootId }));
      } finally {
        await handle.close();
      }
    }
  }

  /** @returns what was noted of this address since the machine has started */
  async read(url: URL): Promise<PartVersion | undefined> {
    const bootId = await readBootId();
    const noted = await readOwnFile(this.#path)
      .then(JSON.parse)
      .catch(() => undefined);
    const { validator, totalBytes } = noted ?? {};
    const isOurs = bootId !== undefined && noted?.bootId === bootId && noted.url === displayUrl(url);
    return isOurs && typeof validator === "string" && Number.isSafeInteger(totalBytes)
      ? { url, validator, totalBytes }
      : undefined;
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}

async function readBootId(): Promise<string | undefined> {
  return readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => undefined);
}
