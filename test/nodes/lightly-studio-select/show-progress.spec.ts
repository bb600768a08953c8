import { equal } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { countsOf } from "../../../src/nodes/lightly-studio-select/show-progress.ts";
import type { StudioProgress } from "../../../src/services/studio/studio-progress.ts";

const { counts: words } = JSON.parse(
  readFileSync(new URL("../../../src/plugins/lightly-aws/locales/en-US/lightly-aws.json", import.meta.url), "utf8"),
) as { counts: Record<string, string> };

describe("the counts of a selection with LightlyStudio", () => {
  /** In the words of the English Runs view. */
  const says = (text: string | undefined, progress: Partial<StudioProgress>) => {
    const counts = countsOf({ phase: "index", done: 0, of: 1, ...progress });
    equal(counts && words[counts.key]?.replaceAll(/__(\w+?)__/g, (_, name) => String(counts.values[name])), text);
  };

  it("are the frames of the current video, which is numbered if there are several", () => {
    says("120 of 600 frames", { videoFrames: 120, videoOf: 600 });
    says("video 2 of 3: 120 of 600 frames", { done: 1, of: 3, videoFrames: 120, videoOf: 600 });
  });

  it("are videos and frames if the header of a video does not say how many it has, and at the end", () => {
    says("1 of 3 videos, 720 frames", { done: 1, of: 3, frames: 720, videoFrames: 120 });
    says("3 of 3 videos, 900 frames", { done: 3, of: 3, frames: 900, videoFrames: 180, videoOf: 180 });
  });

  it("are frames while they are selected and written", () => {
    says("from 600 frames", { phase: "select", of: 600 });
    says("3 of 12 frames", { phase: "export", done: 3, of: 12 });
  });

  it("are megabytes during an installation, and nothing for what has no counts", () => {
    says("1240 MB written", { phase: "install", of: 0, megabytes: 1240 });
    says(undefined, { phase: "install", of: 0 });
    says(undefined, { phase: "save" });
    says(undefined, { phase: "start", of: 4 });
  });
});
