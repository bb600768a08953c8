import { copyFile, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";

/** The names that the inject node of `examples/folder.json` lists. */
const NAMES = ["one.mp4", "two.mp4", "three.mp4"];

/** Copies three videos to a folder, under the names that the example with a folder of videos lists. */
export async function makeExampleFolder(videosDir: string, folder: string): Promise<void> {
  const videos = (await readdir(videosDir)).filter((name) => /\.mp4$/i.test(name)).sort();
  await mkdir(folder, { recursive: true });
  for (const [index, video] of videos.slice(0, NAMES.length).entries()) {
    await copyFile(join(videosDir, video), join(folder, NAMES[index] ?? ""));
  }
}
