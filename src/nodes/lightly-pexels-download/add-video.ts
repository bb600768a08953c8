import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadVideo, videoBasename } from "../../services/pexels/download-video.ts";
import type { PexelsClient } from "../../services/pexels/pexels-client.ts";
import type { PickedVideo } from "../../services/pexels/pick-video.ts";
import type { Inputs } from "../shared/inputs/inputs.ts";
import type { Message, NodeAPI } from "../shared/node-red.ts";
import { idOf } from "../shared/step/checkpoint.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import type { reportTransfer } from "../shared/step/transfer-status.ts";
import { fields } from "./fields.ts";

/** What each download of a step needs. */
export interface Downloads {
  readonly red: NodeAPI;
  readonly client: PexelsClient;
  readonly context: StepContext;
}

/** The names of the incomplete file, for the checkpoint. Not named "token", because the journal masks names that look like secrets. */
export async function partialFile({ red, context }: Downloads, video: PickedVideo) {
  return {
    part: idOf(context.checkpoint, "part") ?? randomUUID(),
    basename: videoBasename(video),
    folder: await folderOf(red, context.inputs),
  };
}

/**
 * Puts a video on a message, and downloads it if the form says so. The name of its incomplete file must be in the checkpoint.
 *
 * @returns the number of bytes; undefined without a download
 */
export async function addVideo(
  downloads: Downloads,
  message: Message,
  video: PickedVideo,
  onProgress: ReturnType<typeof reportTransfer>,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { client, context } = downloads;
  const { inputs } = context;
  const { url } = video.rendition;
  message.pexels = video;
  if ((await inputs.read(fields, "output")).output === "url") {
    message.url = url;
    message.payload = url;
    return undefined;
  }
  const { part: token, basename, folder } = await partialFile(downloads, video);
  const { maxSizeBytes: maxBytes, timeoutMs } = await inputs.read(fields, "maxSizeMib", "timeoutMinutes");
  const { hostEntry } = await import("../../services/http/guard/host-allowlist.ts");
  const file = await downloadVideo({
    ...{ isLarge: true, url, folder, basename, token, maxBytes, timeoutMs, signal, onProgress },
    isPaused: () => context.isClosed,
    addresses: { allow: hostEntry(client.apiUrl), through: client.connections },
  });
  message.filename = file.filename;
  message.payload = file.filename;
  return file.bytes;
}

async function folderOf(red: NodeAPI, inputs: Inputs): Promise<string> {
  const { folder } = await inputs.read(fields, "folder");
  return folder ?? join(red.settings.userDir ?? tmpdir(), "lightly-aws", "videos");
}
