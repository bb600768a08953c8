import { access, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Clip, type ClipLibrary, LIBRARY_FILE, readClipLibrary } from "./clip-library.ts";
import { encodeClip } from "./encode-clip.ts";
import { STORIES, type Story } from "./storyboard.ts";

/** Increase it whenever the clips look different, so that existing folders are made again. */
const VERSION = 3;
/** Encoding runs on FFmpeg's threads while JavaScript draws: more clips at a time are not faster on two cores. */
const AT_A_TIME = 2;

export interface MakeClipsOptions {
  /** How many clips are needed. Default: all. */
  readonly count?: number;
  /** The part of each scene's frames that is drawn, above 0. Default: 1. For tests, whose workers take time for each frame. */
  readonly part?: number;
  /** Receives when clips are made, and how long it took. */
  readonly log?: (line: string) => void;
  /** Receives the part of all frames that is drawn, from 0 to 1. Default: four lines of the log. */
  readonly onProgress?: (part: number) => void;
}

/**
 * Makes the sandbox's video library: draws and encodes each clip in two sizes and describes them in `clips.json`.
 * Does nothing when the folder already contains the current version of enough clips. The folder appears complete or not at all.
 *
 * @param dir - the folder to make; an older library in it is replaced
 * @throws Error when the folder contains other files: a user's files are never deleted
 */
export async function makeClips(
  dir: string,
  { count = STORIES.length, part = 1, log = () => {}, onProgress = quarters(log) }: MakeClipsOptions = {},
): Promise<void> {
  const library = await readClipLibrary(dir);
  if (await isComplete(dir, library, count)) {
    return;
  }
  if (library === undefined && (await holdsFiles(dir))) {
    throw new Error(
      `${dir} contains files but no ${LIBRARY_FILE}, so it is not a folder of generated clips. Choose an empty folder.`,
    );
  }
  const startedAt = performance.now();
  const stories = STORIES.slice(0, count).map((story) => shorten(story, part));
  const named = stories.length === 1 ? "one clip" : `${stories.length} clips`;
  log(`Drawing and encoding ${named}, once ...`);
  await mkdir(dirname(dir), { recursive: true });
  const workshop = await mkdtemp(join(dirname(dir), `.${basename(dir)}-`));
  try {
    const clips = await makeAll(stories, workshop, onProgress);
    const made: ClipLibrary = { version: VERSION, clips };
    await writeFile(join(workshop, LIBRARY_FILE), `${JSON.stringify(made, null, 2)}\n`);
    await rename(workshop, dir).catch(async () => {
      // Another process may have made the same clips in the meantime. Only an older library is removed.
      if (!(await isComplete(dir, await readClipLibrary(dir), count))) {
        await rm(dir, { recursive: true, force: true });
        await rename(workshop, dir);
      }
    });
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
  log(`Made ${named} in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
}

/** Whether a folder contains this number of clips. */
export async function hasClips(dir: string, count = STORIES.length): Promise<boolean> {
  return await isComplete(dir, await readClipLibrary(dir), count);
}

async function isComplete(dir: string, library: ClipLibrary | undefined, count: number): Promise<boolean> {
  if (library?.version !== VERSION || library.clips.length < count) {
    return false;
  }
  const files = library.clips.flatMap((clip) => clip.files.map((file) => access(join(dir, file.name))));
  return (await Promise.allSettled(files)).every(({ status }) => status === "fulfilled");
}

async function holdsFiles(dir: string): Promise<boolean> {
  return (await readdir(dir).catch(() => [])).length > 0;
}

/** Logs each quarter. */
function quarters(log: (line: string) => void): (part: number) => void {
  let logged = 0;
  return (part) => {
    if (Math.floor(part * 4) > logged) {
      logged = Math.floor(part * 4);
      log(`  ${logged * 25} % drawn`);
    }
  };
}

async function makeAll(stories: readonly Story[], dir: string, onProgress: (part: number) => void): Promise<Clip[]> {
  const clips: Clip[] = [];
  const total = stories.flatMap(({ shots }) => shots).reduce((sum, { frames }) => sum + frames, 0);
  let drawn = 0;
  const onFrame = (): void => {
    drawn += 1;
    onProgress(drawn / total);
  };
  const waiting = stories.map((story, index) => ({ story, index }));
  const makeNext = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      clips[next.index] = await makeClip(next.story, dir, onFrame);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, makeNext));
  return clips;
}

/** Each scene keeps at least a frame. */
function shorten(story: Story, part: number): Story {
  const shots = story.shots.map((shot) => ({ ...shot, frames: Math.ceil(shot.frames * part) }));
  return { ...story, shots };
}

async function makeClip(story: Story, dir: string, onFrame: () => void): Promise<Clip> {
  const { id, title, tags, width, height, fps } = story;
  const slug = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  const files = [1, 2].map((divisor) => ({
    name: `${slug}-${width / divisor}x${height / divisor}.mp4`,
    width: width / divisor,
    height: height / divisor,
  }));
  const [full, half] = files.map(({ name }) => join(dir, name));
  const frames = await encodeClip(story, { full: full ?? "", half: half ?? "" }, onFrame);
  let fromFrame = 0;
  const scenes = story.shots.map((shot) => {
    const scene = { name: shot.name, fromFrame, toFrame: fromFrame + shot.frames - 1 };
    fromFrame += shot.frames;
    return scene;
  });
  return { id, title, tags, width, height, fps, frames, durationSeconds: frames / fps, files, scenes };
}
