import { join } from "node:path";
import { makeClips } from "../../src/clips/make-clips.ts";

const STATE = join(import.meta.dirname, "../../../.sandbox");
/** Some 40 frames for each clip: most of the time of a worker is for the frames that it decodes. */
const PART = 1 / 6;

const made = new Map<string, Promise<string>>();

/** The folder of shortened clips that all tests share. The first test generates it in a second. */
export function testClips(): Promise<string> {
  return once(join(STATE, "short-clips"), PART);
}

/** The folder of the clips as users have them, in full length. The first test generates it in some seconds. */
export function fullClips(): Promise<string> {
  return once(join(STATE, "clips"), 1);
}

function once(folder: string, part: number): Promise<string> {
  const clips = made.get(folder) ?? makeClips(folder, { part }).then(() => folder);
  made.set(folder, clips);
  return clips;
}
