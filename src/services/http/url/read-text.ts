import type { AddressRules } from "../guard/guard-address.ts";
import { parseSourceUrl } from "./source-url.ts";
import { openUrlStream } from "./url-stream.ts";

const MAX_MS = 60_000;

/**
 * Reads a text file at a URL into memory, within a minute.
 *
 * @throws PipelineError `SOURCE_*`, `TIMED_OUT`, `ABORTED`; `SOURCE_TOO_LARGE` for a file of more than `maxBytes`
 */
export async function readText(options: {
  url: string;
  maxBytes: number;
  addresses?: AddressRules;
  signal: AbortSignal;
}): Promise<string> {
  const url = parseSourceUrl(options.url);
  const limits = { maxBytes: options.maxBytes, timeoutMs: MAX_MS, addresses: options.addresses };
  const source = await openUrlStream({ url, signal: options.signal, ...limits });
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of source.chunks) {
      chunks.push(Buffer.from(chunk));
    }
  } finally {
    source.close();
  }
  return Buffer.concat(chunks).toString("utf8");
}
