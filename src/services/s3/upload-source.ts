import { posix } from "node:path";
import { PipelineError } from "../../errors/pipeline-error.ts";
import type { Clock } from "../../polling/clock.ts";
import { parseSourceUrl } from "../http/source-url.ts";
import { openUrlStream } from "../http/url-stream.ts";
import { openFile } from "./file-source.ts";
import type { OpenSource } from "./open-source.ts";

/** Where an object's bytes come from. */
export type UploadSource =
  | { readonly path: string }
  | { readonly buffer: Uint8Array; readonly name: string }
  | { readonly url: string };

const SLICE_BYTES = 1024 * 1024;

/**
 * Opens a file, a buffer or a URL for one upload.
 *
 * @throws PipelineError `SOURCE_*`; `INPUT_INVALID` when the source is none of the three; `ABORTED`
 */
export async function openSource(source: UploadSource, signal: AbortSignal, clock?: Clock): Promise<OpenSource> {
  if ("path" in source) {
    return openFile(source.path, signal);
  }
  if ("buffer" in source) {
    return openBuffer(source.buffer, source.name);
  }
  const url = parseSourceUrl(source.url);
  const stream = await openUrlStream({ url, signal, ...(clock && { clock }) });
  return { ...stream, name: posix.basename(url.pathname) };
}

function openBuffer(buffer: Uint8Array, name: string): OpenSource {
  if (buffer.byteLength === 0) {
    throw new PipelineError("SOURCE_EMPTY", `The buffer to upload as "${name}" holds no bytes.`);
  }
  // Copies, since the buffer is the caller's.
  async function* slices(): AsyncGenerator<Uint8Array> {
    for (let start = 0; start < buffer.byteLength; start += SLICE_BYTES) {
      yield new Uint8Array(buffer.subarray(start, start + SLICE_BYTES));
    }
  }
  return { name, totalBytes: buffer.byteLength, chunks: slices(), close: () => {} };
}
