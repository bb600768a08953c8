import { join } from "node:path";
import { makeClips } from "../../src/clips/make-clips.ts";

let made: Promise<string> | undefined;

const CLIPS = join(import.meta.dirname, "../../../.sandbox/clips");

/** The folder of generated clips that all tests share. The first test generates it in some seconds. */
export function testClips(): Promise<string> {
  made ??= makeClips(CLIPS).then(() => CLIPS);
  return made;
}
