import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import type { StudioManifest } from "../../../../src/services/studio/studio-manifest.ts";
import type { Setup } from "../../judge.ts";
import { runProcess } from "../../run-process.ts";
import type { StudioRuns } from "./studio-runs.ts";

/** Checks that each picture of a manifest is the frame of its number, decoded from the file of its video. */
export async function comparePictures(
  { python, folder }: Setup,
  runs: StudioRuns,
  { frames }: StudioManifest,
  fileOf: (video: string) => string,
): Promise<void> {
  const wanted = new Map<string, Array<{ frame: number; picture: string }>>();
  for (const [index, { video, frame, uri }] of frames.entries()) {
    const picture = path.join(folder, `picture-${index}.png`);
    writeFileSync(picture, await runs.read(uri));
    wanted.set(fileOf(video), [...(wanted.get(fileOf(video)) ?? []), { frame, picture }]);
  }
  const list = path.join(folder, "pictures.json");
  writeFileSync(list, JSON.stringify(Object.fromEntries(wanted)));
  const script = path.join(import.meta.dirname, "compare_frames.py");
  const { code, stdout, stderr } = await runProcess({
    command: python,
    args: [script, list],
    environment: process.env,
  });
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "");
}
