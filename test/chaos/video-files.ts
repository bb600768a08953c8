import { randomFillSync } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeClips } from "lightly-aws-sandbox/clips";

/** `large` is longer than two of S3's parts, so that its upload has several. */
export type VideoSize = "small" | "large";

const PADDING_BYTES = 11 * 1024 * 1024;
const SMALL_CLIP = "conveyor-in-a-hall-640x360.mp4";

/**
 * The folder that the sandbox's Pexels offers. It holds one video at a time: which one a run picks "at random" is then the plan's
 * choice and not chance's.
 */
export class VideoFiles {
  readonly dir: string;
  readonly #store: string;

  private constructor(dir: string, store: string) {
    this.dir = dir;
    this.#store = store;
  }

  /** Makes both videos from a generated clip. */
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

  /** Has the library consist of this video alone. */
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

/** A box of an MP4 file that players skip; of random bytes, so that no two parts of the file are alike. */
function freeBox(bytes: number): Buffer {
  const box = randomFillSync(Buffer.alloc(bytes));
  box.writeUInt32BE(bytes, 0);
  box.write("free", 4, "latin1");
  return box;
}
