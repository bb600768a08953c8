import { randomFillSync } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeClips } from "lightly-aws-sandbox/clips";

/** `large` is longer than two parts of an upload, so that it has several. */
export type VideoSize = "small" | "large";

const PADDING_BYTES = 13 * 1024 * 1024;
const SMALL_CLIP = "conveyor-in-a-hall-640x360.mp4";

/**
 * The folder of the sandbox's Pexels. It contains one video at a time, so that the plan determines which video a run picks.
 */
export class VideoFiles {
  readonly dir: string;
  readonly #store: string;

  private constructor(dir: string, store: string) {
    this.dir = dir;
    this.#store = store;
  }

  /** Creates both videos from a generated clip. */
  static async make(stateDir: string, clipsDir: string): Promise<VideoFiles> {
    await makeClips(clipsDir);
    const dir = join(stateDir, "videos");
    const store = join(stateDir, "video-store");
    await mkdir(dir, { recursive: true });
    await mkdir(store, { recursive: true });
    const clip = await readFile(join(clipsDir, SMALL_CLIP));
    await writeFile(join(store, "small.mp4"), clip);
    await writeFile(join(store, "large.mp4"), Buffer.concat([clip, freeBox(PADDING_BYTES)]));
    const files = new VideoFiles(dir, store);
    await files.offer("small");
    return files;
  }

  /** Makes this the only video of the library. */
  async offer(size: VideoSize): Promise<void> {
    const name = `${size}.mp4`;
    const there = await readdir(this.dir);
    if (!there.includes(name)) {
      await copyFile(join(this.#store, name), join(this.dir, name));
    }
    await Promise.all(there.filter((other) => other !== name).map((other) => rm(join(this.dir, other))));
  }

  async bytes(size: VideoSize): Promise<Buffer> {
    return await readFile(join(this.#store, `${size}.mp4`));
  }
}

/** A box of an MP4 file that players skip, with random bytes, so that all parts of the file differ. */
function freeBox(bytes: number): Buffer {
  const box = randomFillSync(Buffer.alloc(bytes));
  box.writeUInt32BE(bytes, 0);
  box.write("free", 4, "latin1");
  return box;
}
