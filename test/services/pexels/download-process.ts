import { downloadVideo } from "../../../src/services/pexels/download-video.ts";

/** A process that downloads one video according to its arguments, and sends its progress to its parent process. */
const [url = "", folder = "", basename = "", token = ""] = process.argv.slice(2);
await downloadVideo({
  url,
  folder,
  basename,
  token,
  signal: new AbortController().signal,
  onProgress: (progress) => process.send?.(progress),
});
