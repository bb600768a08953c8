import type { Rendition } from "./parse-videos.ts";

/**
 * Chooses the file of a video to download: mp4 (never a playlist), as wide as possible within the limit. Pexels names its sizes by the
 * width, also for portrait videos. Of several files with the same width it is the one with the lowest id, so that the choice does not
 * depend on the order of the response.
 *
 * @param maxWidth - pixels
 */
export function chooseRendition(renditions: readonly Rendition[], maxWidth: number): Rendition | undefined {
  return renditions
    .filter(({ fileType, width }) => /^video\/mp4\b/i.test(fileType) && width <= maxWidth)
    .sort((a, b) => b.width - a.width || a.id - b.id)
    .at(0);
}
