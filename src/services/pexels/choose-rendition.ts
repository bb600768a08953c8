import type { Rendition } from "./parse-videos.ts";

/**
 * The file of a video to download: mp4 (never a playlist), as wide as possible but not wider than the limit. Width is what Pexels
 * names its sizes by, also for portrait videos. Of several files of one width it is the one with the lowest id, so that the choice
 * does not hang on the order of an answer.
 *
 * @param maxWidth - pixels
 */
export function chooseRendition(renditions: readonly Rendition[], maxWidth: number): Rendition | undefined {
  return renditions
    .filter(({ fileType, width }) => /^video\/mp4\b/i.test(fileType) && width <= maxWidth)
    .sort((a, b) => b.width - a.width || a.id - b.id)
    .at(0);
}
