import { ALL_FORMATS, FilePathSource, Input, VideoSampleSink } from "mediabunny";
import sharp from "sharp";
import { registerCodecs } from "../media/codecs.ts";
import { readRgba } from "../media/rgba.ts";

/** One frame of a video as JPEG, 640 pixels at most; `part` says where, 0 (start) to 1 (end). */
export async function previewPicture(path: string, part: number): Promise<Buffer> {
  registerCodecs();
  using input = new Input({ formats: ALL_FORMATS, source: new FilePathSource(path) });
  const track = await input.getPrimaryVideoTrack();
  const sample = track && (await new VideoSampleSink(track).getSample((await input.computeDuration([track])) * part));
  if (!sample) {
    throw new Error("no frame to show");
  }
  using frame = sample;
  const { data, width, height } = await readRgba(frame, 640);
  return sharp(data, { raw: { width, height, channels: 4 } })
    .jpeg()
    .toBuffer();
}
