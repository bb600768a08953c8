import { readdir, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { downloadFile } from "../http/download/download-file.ts";
import type { AddressRules } from "../http/guard/guard-address.ts";
import { framePath } from "./frame-path.ts";
import { type TransferFramesOptions, type TransferredFrames, transferFrames } from "./transfer-frames.ts";

/** An uncompressed picture of 16 bit with 8,000 by 5,000 pixels is shorter. */
const MAX_FRAME_BYTES = 256 * 2 ** 20;
const MAX_FRAME_MS = 30 * 60_000;

/** What {@link downloadFrames} takes. */
export interface DownloadFramesOptions extends TransferFramesOptions {
  /** Made when it does not exist; frames of `cam/a.mp4` come to lie in its folder `cam`. */
  readonly folder: string;
  /** Names unfinished files, so that a later process of the same token goes on with them. */
  readonly token: string;
  /** Asked after an abort: whether unfinished files stay, since a later call with the same token is to go on with them. */
  readonly isPaused?: () => boolean;
  /** Which addresses may be reached apart from public ones and the administrator's list. */
  readonly addresses?: AddressRules;
}

/**
 * Downloads frames into a folder, under the names that they have in Lightly. A file that is there with the right length is not
 * fetched again, any other file is not replaced, and no link is followed out of the folder; an unfinished one never has a frame's name.
 *
 * @throws PipelineError `DOWNLOAD_FAILED`, `SOURCE_ADDRESS_REFUSED`, `SOURCE_TOO_LARGE`, `TIMED_OUT`, `DESTINATION_REFUSED`,
 * `DISK_WRITE_FAILED`, `FRAME_NAME_INVALID`, `ABORTED`; it names the frame
 */
export async function downloadFrames(o: DownloadFramesOptions): Promise<TransferredFrames> {
  return transferFrames(o, async ({ fileName, readUrl }, signal) => {
    const path = join(o.folder, ...framePath(fileName));
    const file = {
      root: o.folder,
      folder: dirname(path),
      basename: basename(path),
      token: o.token,
      maxBytes: MAX_FRAME_BYTES,
      timeoutMs: MAX_FRAME_MS,
      ...(o.isPaused && { isPaused: o.isPaused }),
      ...(o.addresses && { addresses: o.addresses }),
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
