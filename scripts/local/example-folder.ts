import { copyFile, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";

/** The names of the videos. */
const NAMES = ["one.mp4", "two.mp4", "three.mp4"];

/** Copies three videos to the folder of the example `examples/folder.json`. */
export async function makeExampleFolder(videosDir: string, folder: string): Promise<void> {
  const videos = (await readdir(videosDir)).filter((name) => /\.mp4$/i.test(name)).sort();
  await mkdir(folder, { recursive: true });
  for (const [index, video] of videos.slice(0, NAMES.length).entries()) {
    await copyFile(join(videosDir, video), join(folder, NAMES[index] ?? ""));
  }
}
