import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { readClipLibrary } from "../clips/clip-library.ts";
import { extensionOf, VIDEO_EXTENSIONS } from "../media/extensions.ts";
import { probeVideo } from "../media/probe-video.ts";

/** One file of a video. */
export interface LibraryFile {
  readonly name: string;
  readonly bytes: number;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}

/** One video of the library, largest file first. */
export interface LibraryVideo {
  readonly id: number;
  readonly title: string;
  readonly tags: readonly string[];
  readonly author: string;
  readonly durationSeconds: number;
  readonly files: readonly LibraryFile[];
}

/** The videos of a folder. */
export interface VideoLibrary {
  /** Every video, in the order of their ids; reads the folder again each time, but probes only files that changed. */
  videos(): Promise<LibraryVideo[]>;
}

/**
 * A folder of videos: generated clips (described by their `clips.json`), or a user's own files, of which each is one
 * video with an id derived from its name.
 *
 * @param log - receives one line about each file that can't be read
 */
export function createVideoLibrary(dir: string, log: (line: string) => void): VideoLibrary {
  const probed = new Map<string, LibraryVideo | undefined>();
  return {
    videos: async () => {
      const clips = await readClips(dir);
      const known = new Set(clips.flatMap(({ files }) => files.map(({ name }) => name)));
      const names = (await readdir(dir)).filter((name) => !known.has(name)).sort();
      const own = await Promise.all(names.map((name) => readOwn(dir, name, probed, log)));
      return [...clips, ...own.filter((video) => video !== undefined)].sort((one, other) => one.id - other.id);
    },
  };
}

async function readClips(dir: string): Promise<LibraryVideo[]> {
  const library = await readClipLibrary(dir);
  return Promise.all(
    (library?.clips ?? []).map(async ({ id, title, tags, durationSeconds, fps, files }) => ({
      ...{ id, title, tags, durationSeconds, author: "Sandbox clips" },
      files: await Promise.all(
        files.map(async (file) => ({ ...file, fps, bytes: (await stat(join(dir, file.name))).size })),
      ),
    })),
  );
}

async function readOwn(
  dir: string,
  name: string,
  probed: Map<string, LibraryVideo | undefined>,
  log: (line: string) => void,
): Promise<LibraryVideo | undefined> {
  const extension = extensionOf(name);
  const path = join(dir, name);
  const { size, mtimeMs } = await stat(path);
  const key = `${name} ${size} ${mtimeMs}`;
  if (probed.has(key) || ![...VIDEO_EXTENSIONS, "avi"].includes(extension)) {
    return probed.get(key);
  }
  let video: LibraryVideo | undefined;
  try {
    const { width, height, fps, durationSeconds } = await probeVideo(path);
    const title = name
      .slice(0, -extension.length - 1)
      .replaceAll(/[_\-.\s]+/g, " ")
      .trim();
    const files = [{ name, bytes: size, width, height, fps }];
    video = {
      id: idOf(name),
      title,
      tags: title.toLowerCase().split(" "),
      author: "Own videos",
      durationSeconds,
      files,
    };
  } catch (error) {
    log(
      extension === "avi"
        ? `Skipped ${name}: AVI files can't be read here; convert it to MP4.`
        : `Skipped ${name}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  probed.set(key, video);
  return video;
}

/** Between 9,000,000 and 9,999,999, so that it never equals a generated clip's id. */
function idOf(name: string): number {
  return 9_000_000 + (createHash("sha256").update(name).digest().readUInt32BE(0) % 1_000_000);
}
