import { downloadVideo } from "../../../src/services/pexels/download-video.ts";

/** A process that does nothing but one download, told by its arguments, and sends its progress to the process that started it. */
const [url = "", folder = "", basename = "", token = ""] = process.argv.slice(2);
await downloadVideo({
  url,
  folder,
  basename,
  token,
  signal: new AbortController().signal,
  onProgress: (progress) => process.send?.(progress),
});
