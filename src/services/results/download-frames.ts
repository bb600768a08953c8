import { readdir, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { downloadFile } from "../http/download/download-file.ts";
import type { AddressRules } from "../http/guard/guard-address.ts";
import { framePath } from "./frame-path.ts";
import { type TransferFramesOptions, type TransferredFrames, transferFrames } from "./transfer-frames.ts";

/** Larger than an uncompressed picture of 8,000 by 5,000 pixels with 16 bits. */
const MAX_FRAME_BYTES = 256 * 2 ** 20;
const MAX_FRAME_MS = 30 * 60_000;

export interface DownloadFramesOptions extends TransferFramesOptions {
  /** The destination, created if it does not exist. Frames of `cam/a.mp4` are saved in its folder `cam`. */
  readonly folder: string;
  /** Part of the names of incomplete files, so that a later call with the same token continues them. */
  readonly token: string;
  /** Called after an abort: whether to keep incomplete files, because a later call with the same token continues them. */
  readonly isPaused?: () => boolean;
  /** The addresses that are allowed in addition to public addresses and the administrator's list. */
  readonly addresses?: AddressRules;
}

/**
 * Downloads frames to a folder, with their names in Lightly. A file that exists with the right length is not downloaded again. Other files
 * are not replaced, and no link out of the folder is followed. An incomplete file never has the name of a frame.
 *
 * @throws PipelineError `DOWNLOAD_FAILED`, `SOURCE_ADDRESS_REFUSED`, `SOURCE_TOO_LARGE`, `TIMED_OUT`, `DESTINATION_REFUSED`,
 * `DISK_WRITE_FAILED`, `FRAME_NAME_INVALID`, `ABORTED`. The error names the frame.
 */
export async function downloadFrames(options: DownloadFramesOptions): Promise<TransferredFrames> {
  return transferFrames(options, async ({ fileName, readUrl }, signal) => {
    const path = join(options.folder, ...framePath(fileName));
    const file = {
      root: options.folder,
      folder: dirname(path),
      basename: basename(path),
      token: options.token,
      maxBytes: MAX_FRAME_BYTES,
      timeoutMs: MAX_FRAME_MS,
      ...(options.isPaused && { isPaused: options.isPaused }),
      ...(options.addresses && { addresses: options.addresses }),
    };
    return (await downloadFile({ url: readUrl, ...file, signal })).bytes;
  });
}

/** Removes the incomplete files of interrupted downloads with a token. */
export async function discardFrameDownloads(options: {
  readonly folder: string;
  readonly token: string;
}): Promise<void> {
  const folder = resolve(options.folder);
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const parts = names.filter(
    (name) => name.endsWith(`.${options.token}.part`) || name.endsWith(`.${options.token}.version.part`),
  );
  await Promise.all(parts.map((name) => rm(join(folder, name), { force: true }).catch(() => {})));
}
