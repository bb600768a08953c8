import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** CloudWatch Logs takes events up to this size, about; a longer line becomes several. */
const MAX_LINE_CHARACTERS = 256 * 1024;

/** Passes the lines of a stream on as they arrive, and what is left at its end. */
export function splitLines(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  stream.on("data", (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      onLine(line.replace(/\r$/, ""));
    }
    for (; rest.length > MAX_LINE_CHARACTERS; rest = rest.slice(MAX_LINE_CHARACTERS)) {
      onLine(rest.slice(0, MAX_LINE_CHARACTERS));
    }
  });
  stream.on("end", () => {
    if (rest !== "") {
      onLine(rest);
    }
  });
}
