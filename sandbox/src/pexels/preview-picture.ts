import sharp from "sharp";
import { readFrames } from "../media/decode-video.ts";
import { probeVideo } from "../media/probe-video.ts";

/** One frame of a video as JPEG; `part` says where, 0 (start) to 1 (end). */
export async function previewPicture(path: string, part: number): Promise<Buffer> {
  const { durationSeconds } = await probeVideo(path);
  for await (const { data, width, height } of readFrames(path, [durationSeconds * part])) {
    return sharp(data, { raw: { width, height, channels: 4 } })
      .resize(640, 640, { fit: "inside", withoutEnlargement: true })
      .jpeg()
      .toBuffer();
  }
  throw new Error("no frame to show");
}
