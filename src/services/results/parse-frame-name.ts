/** The video and number in the name of a frame. */
export interface FrameNameParts {
  readonly video?: string;
  readonly frame?: number;
}

/** `my_video-153-mp4.png`: the video's name, the frame's number, the video's extension. */
const VIDEO_FRAME = /^(.+)-(\d+)-([a-z0-9]{2,5})\.(?:png|jpe?g|webp)$/i;
const VIDEO_EXTENSIONS = new Set(["mp4", "mov", "avi", "mkv", "webm", "m4v", "mpg", "mpeg", "ts", "wmv"]);

/** Parses the name that Lightly's worker gives to a frame of a video: `cam/a-007-mp4.png` is frame 7 of `cam/a.mp4`. */
export function parseFrameName(fileName: string): FrameNameParts {
  const [, stem, number, extension = ""] = VIDEO_FRAME.exec(fileName) ?? [];
  return stem !== undefined && VIDEO_EXTENSIONS.has(extension.toLowerCase())
    ? { video: `${stem}.${extension}`, frame: Number(number) }
    : {};
}
