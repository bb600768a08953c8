import { segmentFault } from "../http/download/path-segment.ts";
import { frameNameError } from "./transfer-frames.ts";

/** The file types of frames that Lightly's worker reads or writes. */
const PICTURE = /\.(png|jpe?g|webp|gif|bmp|tiff?|avif)$/i;
/** More than any folder of videos has, and few enough that a path can't become too long. */
const MAX_SEGMENTS = 32;

/**
 * Splits the name of a frame into folders and file name. The name comes from a server: without a check it could be
 * `.ssh/authorized_keys` or `settings.js`.
 *
 * @throws PipelineError `FRAME_NAME_INVALID`
 */
export function framePath(fileName: string): string[] {
  const segments = fileName.split("/");
  const [fault] = segments.map(segmentFault).filter((one) => one !== undefined);
  if (fault !== undefined) {
    throw frameNameError(fileName, `is not a valid path below the folder: it ${fault}`);
  }
  if (segments.length > MAX_SEGMENTS || /^[a-z]:/i.test(fileName)) {
    throw frameNameError(fileName, "is not a valid path below the folder");
  }
  if (!PICTURE.test(fileName)) {
    throw frameNameError(fileName, "is not the name of a picture, and only pictures are saved in a folder");
  }
  return segments;
}
