import path from "node:path";
import { makeClips } from "lightly-aws-sandbox/clips";
import { CLIPS_DIR } from "../../../../scripts/local/local-stack.ts";
import type { StudioRuns } from "./studio-runs.ts";

/** Two videos of one name, by key. */
const CLIPS = { "raw/a/clip.mp4": "fish-tank-240x240.mp4", "raw/b/clip.mp4": "conveyor-in-a-hall-320x180.mp4" };
/** Objects that are no videos, by key. */
export const BROKEN = { "raw/empty.mp4": Buffer.alloc(0), "raw/[*?] text.mp4": Buffer.from("no video") };

/** The folder with the generated clips, which tests, demo and judges share. */
export async function clipsFolder(): Promise<string> {
  await makeClips(CLIPS_DIR);
  return CLIPS_DIR;
}

/** The file of an uploaded video. */
export function fileOf(clips: string, video: string): string {
  return path.join(clips, Object.entries(CLIPS).find(([key]) => video.endsWith(key))?.[1] ?? "");
}

/** Uploads what the judges select from. */
export async function uploadVideos(runs: StudioRuns, clips: string): Promise<void> {
  for (const [key, name] of Object.entries(CLIPS)) {
    await runs.upload(key, path.join(clips, name));
  }
  for (const [key, content] of Object.entries(BROKEN)) {
    await runs.upload(key, content);
  }
}
