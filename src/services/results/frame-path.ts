import { segmentFault } from "../http/download/path-segment.ts";
import { frameNameError } from "./transfer-frames.ts";

/** What Lightly's worker writes or takes for a frame. */
const PICTURE = /\.(png|jpe?g|webp|gif|bmp|tiff?|avif)$/i;
/** Deeper than any folder of videos, and short enough that a path can't become too long. */
const MAX_SEGMENTS = 32;

/**
 * The folders and the file name in a frame's name. The name comes from a server, which takes it from a video's: without a rule it could
 * be `.ssh/authorized_keys` or `settings.js`.
 *
 * @throws PipelineError `FRAME_NAME_INVALID`
 */
export function framePath(fileName: string): string[] {
  const segments = fileName.split("/");
  const [fault] = segments.map(segmentFault).filter((one) => one !== undefined);
  if (fault !== undefined) {
    throw frameNameError(fileName, `can't be a file's below the folder: it ${fault}`);
  }
  if (segments.length > MAX_SEGMENTS || /^[a-z]:/i.test(fileName)) {
    throw frameNameError(fileName, "can't be a file's below the folder");
  }
  if (!PICTURE.test(fileName)) {
    throw frameNameError(fileName, "is not that of a picture, and only pictures are written into a folder");
  }
  return segments;
}
