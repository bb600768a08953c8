import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeClips } from "../../src/clips/make-clips.ts";

let made: Promise<string> | undefined;

/** The folder of generated clips that all tests share. The first test generates it in some seconds. */
export function testClips(): Promise<string> {
  const dir = join(tmpdir(), `lightly-aws-clips-${process.getuid?.() ?? 0}`);
  made ??= makeClips(dir).then(() => dir);
  return made;
}
