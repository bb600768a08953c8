/** What the name of a frame tells. */
export interface FrameNameParts {
  readonly video?: string;
  readonly frame?: number;
}

/** `my_video-153-mp4.png`: the video's name, the frame's number, the video's ending. */
const VIDEO_FRAME = /^(.+)-(\d+)-([a-z0-9]{2,5})\.(?:png|jpe?g|webp)$/i;
const VIDEO_ENDINGS = new Set(["mp4", "mov", "avi", "mkv", "webm", "m4v", "mpg", "mpeg", "ts", "wmv"]);

/** Reads a name as Lightly's worker forms it for the frames of videos: `cam/a-007-mp4.png` is frame 7 of `cam/a.mp4`. */
export function parseFrameName(fileName: string): FrameNameParts {
  const [, stem, number, ending = ""] = VIDEO_FRAME.exec(fileName) ?? [];
  return stem !== undefined && VIDEO_ENDINGS.has(ending.toLowerCase())
    ? { video: `${stem}.${ending}`, frame: Number(number) }
    : {};
}
