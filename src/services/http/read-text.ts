import { PipelineError } from "../../errors/pipeline-error.ts";
import { parseSourceUrl } from "./source-url.ts";
import { openUrlStream } from "./url-stream.ts";

/**
 * Reads a text from the web into memory.
 *
 * @throws PipelineError `SOURCE_*`, `ABORTED`; `SOURCE_REFUSED` for a text of more than `mostBytes`
 */
export async function readText(o: { url: string; mostBytes: number; signal: AbortSignal }): Promise<string> {
  const url = parseSourceUrl(o.url);
  const source = await openUrlStream({ url, signal: o.signal });
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of source.chunks) {
      bytes += chunk.length;
      if (bytes > o.mostBytes) {
        throw new PipelineError("SOURCE_REFUSED", `${url.host} sends more than ${o.mostBytes} bytes.`);
      }
      chunks.push(Buffer.from(chunk));
    }
  } finally {
    source.close();
  }
  return Buffer.concat(chunks).toString("utf8");
}
