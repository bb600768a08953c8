import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Response } from "express";
import { framesAsCsv } from "../../services/results/formats.ts";
import { framePath } from "../../services/results/frame-path.ts";
import type { PictureStream } from "../../services/results/selected-frames.ts";
import { frameNameError } from "../../services/results/transfer-frames.ts";
import type { RunFrame } from "./run-frames.ts";
import { openPicture } from "./send-picture.ts";

export interface ZipFramesOptions {
  readonly frames: readonly RunFrame[];
  /** For the name of the file. */
  readonly runId: string;
  readonly response: Response;
  readonly signal: AbortSignal;
}

/** Pictures are requested while the ones before them are sent. Their bytes wait in the connections. */
const OPEN_AHEAD = 4;
/** A picture that was opened ahead waits for those before it, at the speed of the user's connection. */
const PICTURE_MS = 15 * 60_000;

/**
 * Streams the full pictures of a run as a zip file, with a list `frames.csv`. Pictures are stored without compression, which would not make
 * them smaller. The memory does not depend on their number or size. An error after the first byte ends the connection, so that the browser
 * reports an incomplete download.
 *
 * @throws PipelineError `FRAME_NAME_INVALID`, `SOURCE_*`, `LIGHTLY_*`, `S3_*`, `AWS_*`, `TIMED_OUT`, `ABORTED`
 */
export async function zipFrames({ frames, runId, response, signal }: ZipFramesOptions): Promise<void> {
  const { makeZip } = await import("client-zip");
  const names = uniqueNames(frames);
  const pictures = opened(frames, signal);
  try {
    // Before the first byte, so that the most common errors are a response of their own.
    const first = await pictures.next();
    response.set({
      "content-type": "application/zip",
      "content-disposition": `attachment; filename="frames-${runId.replaceAll(/[^\w.-]+/g, "_")}.zip"`,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    const csv = framesAsCsv(frames, { withDistances: frames.some(({ distance }) => distance !== undefined) });
    const entries = entriesOf(csv, names, first, pictures);
    await pipeline(Readable.fromWeb(makeZip(entries) as never), response, { signal });
  } finally {
    await pictures.return(undefined);
  }
}

async function* entriesOf(
  csv: string,
  names: readonly string[],
  first: IteratorResult<PictureStream>,
  pictures: AsyncGenerator<PictureStream>,
) {
  yield { name: "frames.csv", input: csv };
  let index = 0;
  for (let one = first; !one.done; one = await pictures.next()) {
    yield { name: names[index] ?? "", input: one.value.chunks };
    index += 1;
  }
}

/** Opens the pictures one after the other, some of them ahead, and closes each when the next one is requested. */
async function* opened(frames: readonly RunFrame[], signal: AbortSignal): AsyncGenerator<PictureStream> {
  const ahead: Promise<PictureStream>[] = [];
  let next = 0;
  try {
    while (next < frames.length || ahead.length > 0) {
      while (next < frames.length && ahead.length < OPEN_AHEAD) {
        const picture = openPicture({
          frame: frames[next] as RunFrame,
          kind: "picture",
          signal,
          timeoutMs: PICTURE_MS,
        });
        // It is reported when its turn comes.
        picture.catch(() => {});
        ahead.push(picture);
        next += 1;
      }
      const picture = await (ahead.shift() as Promise<PictureStream>);
      try {
        yield picture;
      } finally {
        picture.close();
      }
    }
  } finally {
    for (const picture of ahead) {
      void picture.then(
        ({ close }) => close(),
        () => {},
      );
    }
  }
}

/**
 * The path of each frame in the archive. Two selections may contain the same frame: the later one gets a number.
 *
 * @throws PipelineError `FRAME_NAME_INVALID`: unpacking the archive must not overwrite files outside of its folder
 */
function uniqueNames(frames: readonly RunFrame[]): string[] {
  const taken = new Set<string>();
  return frames.map(({ fileName }) => {
    const path = framePath(fileName).join("/");
    let name = path;
    for (let number = 2; taken.has(name.toLowerCase()); number += 1) {
      name = path.replace(/(\.\w+)$/, ` (${number})$1`);
    }
    if (name.length > 1000) {
      throw frameNameError(fileName, "is too long for an archive");
    }
    taken.add(name.toLowerCase());
    return name;
  });
}
