import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** The file in the videos folder that describes the generated clips. */
export const LIBRARY_FILE = "clips.json";

/** One scene of a clip: frames `fromFrame` to `toFrame`, both included, counted from 0. */
export interface ClipScene {
  readonly name: string;
  readonly fromFrame: number;
  readonly toFrame: number;
}

/** One file of a clip. */
export interface ClipFile {
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

/** The description of a generated clip. Renditions are sorted by size, largest first, and show the same frames. */
export interface Clip {
  readonly id: number;
  readonly title: string;
  readonly tags: readonly string[];
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly frames: number;
  readonly durationSeconds: number;
  readonly files: readonly ClipFile[];
  readonly scenes: readonly ClipScene[];
}

/** The contents of {@link LIBRARY_FILE}. */
export interface ClipLibrary {
  /** Increases whenever the clips look different. */
  readonly version: number;
  readonly clips: readonly Clip[];
}

/** Reads the description of the clips in a folder; `undefined` when the folder contains none. */
export async function readClipLibrary(dir: string): Promise<ClipLibrary | undefined> {
  try {
    return JSON.parse(await readFile(join(dir, LIBRARY_FILE), "utf8")) as ClipLibrary;
  } catch {
    return undefined;
  }
}
