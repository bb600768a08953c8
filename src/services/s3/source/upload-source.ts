import { posix } from "node:path";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import type { Clock } from "../../../polling/clock.ts";
import type { AddressRules } from "../../http/guard/guard-address.ts";
import { hostEntry } from "../../http/guard/host-allowlist.ts";
import { parseSourceUrl } from "../../http/url/source-url.ts";
import { MAX_DOWNLOAD_MS } from "../../http/url/stream-limits.ts";
import { openUrlRanges } from "../../http/url/url-ranges.ts";
import { openUrlStream } from "../../http/url/url-stream.ts";
import { readBytes } from "./buffer-source.ts";
import { openFile } from "./file-source.ts";
import { objectUrl, type SourceObject } from "./object-source.ts";
import type { OpenSource } from "./open-source.ts";

/** The source of an object's bytes. */
export type UploadSource =
  | {
      readonly path: string;
      /** The real path of the file must be inside all of these folders; default: anywhere. */
      readonly folders?: readonly string[];
    }
  | { readonly buffer: Uint8Array; readonly name: string }
  | ({ readonly url: string } & UrlLimits)
  /** An object is read like the file at a URL, so that its length does not matter, and it may be in a bucket that can't copy to the other one. */
  | ({ readonly object: SourceObject } & UrlLimits);

interface UrlLimits {
  /** Maximum size of the file in bytes; default 50 GiB. */
  readonly maxBytes?: number;
  /** Limit for reading the whole file in milliseconds; default 24 h. */
  readonly timeoutMs?: number;
  /** How many requests read the file at a time, each a part of it; default 1. */
  readonly parallelReads?: number;
  /** Whether the file is large: see {@link UrlStreamOptions}. */
  readonly isLarge?: boolean;
  /** Addresses that are allowed besides public ones and the administrator's list, and besides that of an object. */
  readonly addresses?: AddressRules;
}

/**
 * Opens a file, a buffer, a URL or an object for one upload.
 *
 * @throws PipelineError `SOURCE_*`, `TIMED_OUT`, `ABORTED`; for an object also `S3_*`, `AWS_*`
 */
export async function openSource(source: UploadSource, signal: AbortSignal, clock?: Clock): Promise<OpenSource> {
  if ("path" in source) {
    return openFile(source.path, signal, source.folders);
  }
  if ("buffer" in source) {
    return openBuffer(source.buffer, source.name);
  }
  if ("object" in source) {
    return openObject(source, signal, clock);
  }
  const { url: address, parallelReads = 1, ...limits } = source;
  const url = parseSourceUrl(address);
  const options = { url, signal, ...limits, clock };
  const opened = parallelReads > 1 ? openUrlRanges(options, parallelReads) : openUrlStream(options);
  const { totalBytes, contentType, bytes, close } = await opened;
  return { name: posix.basename(url.pathname), totalBytes, contentType, bytes, close };
}

async function openObject(
  { object, addresses, ...limits }: Extract<UploadSource, { readonly object: SourceObject }>,
  signal: AbortSignal,
  clock: Clock | undefined,
): Promise<OpenSource> {
  const url = await objectUrl(object, { lifetimeMs: limits.timeoutMs ?? MAX_DOWNLOAD_MS, signal });
  const rules = { ...addresses, allow: [...(addresses?.allow ?? []), ...hostEntry(url)] };
  const opened = await openSource({ url, addresses: rules, ...limits }, signal, clock);
  return { ...opened, name: posix.basename(object.key) };
}

function openBuffer(buffer: Uint8Array, name: string): OpenSource {
  if (buffer.byteLength === 0) {
    throw new PipelineError("SOURCE_EMPTY", `The buffer to upload as "${name}" is empty.`);
  }
  return { name, totalBytes: buffer.byteLength, bytes: readBytes(buffer), close: () => {} };
}
