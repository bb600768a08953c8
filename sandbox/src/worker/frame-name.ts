/**
 * The name of a video frame in Lightly's format: `cam/a.mp4`, frame 7 of 240, is `cam/a-007-mp4.png`.
 *
 * @param frames - frames of the whole video; the index is padded to the digits of this number
 */
export function frameName(video: string, index: number, frames: number): string {
  const dot = video.lastIndexOf(".");
  const stem = video.slice(0, dot);
  const extension = video.slice(dot + 1);
  return `${stem}-${String(index).padStart(String(frames).length, "0")}-${extension}.png`;
}

/** The index in a frame's name; 0 for a photo's name. */
export function frameIndexOf(name: string): number {
  return Number(/-(\d+)-\w+\.png$/.exec(name)?.[1] ?? 0);
}
