import { readdir, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { downloadFile } from "../http/download-file.ts";
import { type BroughtFrames, bringFrames, type FrameTransfer, frameNameError } from "./bring-frames.ts";

/** What {@link downloadFrames} takes. */
export interface FrameDownload extends FrameTransfer {
  /** Made when it does not exist; frames of `cam/a.mp4` come to lie in its folder `cam`. */
  readonly folder: string;
  /** Names unfinished files, so that a later process of the same token goes on with them. */
  readonly token: string;
  /** Asked after an abort: whether unfinished files stay, since a later call with the same token is to go on with them. */
  readonly isPaused?: () => boolean;
}

/**
 * Downloads frames into a folder, under the names that they have in Lightly. A file that is there with the right length is not
 * fetched again; an unfinished one never has a frame's name.
 *
 * @throws PipelineError `DOWNLOAD_FAILED`, `DISK_WRITE_FAILED`, `FRAME_NAME_INVALID`, `ABORTED`; it names the frame
 */
export async function downloadFrames(o: FrameDownload): Promise<BroughtFrames> {
  return bringFrames(o, async ({ fileName, readUrl }, signal) => {
    const path = join(o.folder, ...segmentsOf(fileName));
    const file = {
      folder: dirname(path),
      basename: basename(path),
      token: o.token,
      ...(o.isPaused && { isPaused: o.isPaused }),
    };
    return (await downloadFile({ url: readUrl, ...file, signal })).bytes;
  });
}

/** Removes what downloads of a token that were interrupted have left behind. Files that are complete stay. */
export async function discardFrameDownloads(o: { readonly folder: string; readonly token: string }): Promise<void> {
  const folder = resolve(o.folder);
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const parts = names.filter((name) => name.endsWith(`.${o.token}.part`) || name.endsWith(`.${o.token}.version.part`));
  await Promise.all(parts.map((name) => rm(join(folder, name), { force: true }).catch(() => {})));
}

/** A name with `..` in it, or an absolute one, would be written beside the folder. */
function segmentsOf(fileName: string): string[] {
  const segments = fileName.split("/");
  const isFit = segments.every((segment) => segment !== "" && segment !== "." && segment !== "..");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (!isFit || /[\\\u0000-\u001f\u007f]|^[a-z]:/i.test(fileName)) {
    throw frameNameError(fileName, "can't be a file's below the folder");
  }
  return segments;
}
