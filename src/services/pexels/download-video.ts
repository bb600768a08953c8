import type { PickedVideo } from "./pick-video.ts";

export {
  type DownloadedFile as DownloadedVideo,
  type DownloadFileOptions,
  discardDownload,
  downloadFile as downloadVideo,
} from "../http/download/download-file.ts";

/** `pexels-<id>-<width>x<height>.mp4`, with the size of the file, not of the original. */
export function videoBasename({ id, rendition }: PickedVideo): string {
  return `pexels-${id}-${rendition.width}x${rendition.height}.mp4`;
}
