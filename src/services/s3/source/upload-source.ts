import { posix } from "node:path";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import type { Clock } from "../../../polling/clock.ts";
import type { AddressRules } from "../../http/guard/guard-address.ts";
import { parseSourceUrl } from "../../http/url/source-url.ts";
import { openUrlStream } from "../../http/url/url-stream.ts";
import { openFile } from "./file-source.ts";
import type { OpenSource } from "./open-source.ts";

/** Where an object's bytes come from. */
export type UploadSource =
  | {
      readonly path: string;
      /** Folders in each of which the file must really be; default: anywhere. */
      readonly folders?: readonly string[];
    }
  | { readonly buffer: Uint8Array; readonly name: string }
  | {
      readonly url: string;
      /** The longest file that is taken, in bytes; default 50 GiB. */
      readonly maxBytes?: number;
      /** How long reading it may take, in milliseconds; default 24 h. */
      readonly timeoutMs?: number;
      /** Which addresses may be reached apart from public ones and the administrator's list. */
      readonly addresses?: AddressRules;
    };

const SLICE_BYTES = 1024 * 1024;

/**
 * Opens a file, a buffer or a URL for one upload.
 *
 * @throws PipelineError `SOURCE_*`, `TIMED_OUT`, `ABORTED`
 */
export async function openSource(source: UploadSource, signal: AbortSignal, clock?: Clock): Promise<OpenSource> {
  if ("path" in source) {
    return openFile(source.path, signal, source.folders);
  }
  if ("buffer" in source) {
    return openBuffer(source.buffer, source.name);
  }
  const { url: address, ...limits } = source;
  const url = parseSourceUrl(address);
  const stream = await openUrlStream({ url, signal, ...limits, ...(clock && { clock }) });
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
