import type { Rendition } from "./parse-videos.ts";

/**
 * Chooses the file of a video to download: mp4 (never a playlist), as wide as possible within the limit. Pexels names its sizes by the
 * width, even for portrait videos. Of several files with the same width it is the one with the lowest id, so that the choice does not
 * depend on the order of the response.
 *
 * @param maxWidth - pixels
 */
export function chooseRendition(renditions: readonly Rendition[], maxWidth: number): Rendition | undefined {
  return mp4Files(renditions)
    .filter(({ width }) => width <= maxWidth)
    .sort((a, b) => b.width - a.width || a.id - b.id)
    .at(0);
}

/** The mp4 file with the smallest width; undefined if there is no mp4 file. */
export function narrowestMp4(renditions: readonly Rendition[]): Rendition | undefined {
  return mp4Files(renditions)
    .sort((a, b) => a.width - b.width)
    .at(0);
}

function mp4Files(renditions: readonly Rendition[]): Rendition[] {
  return renditions.filter(({ fileType }) => /^video\/mp4\b/i.test(fileType));
}
