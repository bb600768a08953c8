import { posix } from "node:path";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import type { Clock } from "../../../polling/clock.ts";
import type { AddressRules } from "../../http/guard/guard-address.ts";
import { parseSourceUrl } from "../../http/url/source-url.ts";
import { openUrlRanges } from "../../http/url/url-ranges.ts";
import { openUrlStream } from "../../http/url/url-stream.ts";
import { readBytes } from "./buffer-source.ts";
import { openFile } from "./file-source.ts";
import type { OpenSource } from "./open-source.ts";

/** The source of an object's bytes. */
export type UploadSource =
  | {
      readonly path: string;
      /** The real path of the file must be inside all of these folders; default: anywhere. */
      readonly folders?: readonly string[];
    }
  | { readonly buffer: Uint8Array; readonly name: string }
  | {
      readonly url: string;
      /** Maximum size of the file in bytes; default 50 GiB. */
      readonly maxBytes?: number;
      /** Limit for reading the whole file in milliseconds; default 24 h. */
      readonly timeoutMs?: number;
      /** How many requests read the file at a time, each a part of it; default 1. */
      readonly parallelReads?: number;
      /** Whether the file is large: see {@link UrlStreamOptions}. */
      readonly isLarge?: boolean;
      /** Addresses that are allowed besides public ones and the administrator's list. */
      readonly addresses?: AddressRules;
    };

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
  const { url: address, parallelReads = 1, ...limits } = source;
  const url = parseSourceUrl(address);
  const options = { url, signal, ...limits, clock };
  const opened = parallelReads > 1 ? openUrlRanges(options, parallelReads) : openUrlStream(options);
  const { totalBytes, contentType, bytes, close } = await opened;
  return { name: posix.basename(url.pathname), totalBytes, contentType, bytes, close };
}

function openBuffer(buffer: Uint8Array, name: string): OpenSource {
  if (buffer.byteLength === 0) {
    throw new PipelineError("SOURCE_EMPTY", `The buffer to upload as "${name}" is empty.`);
  }
  return { name, totalBytes: buffer.byteLength, bytes: readBytes(buffer), close: () => {} };
}
