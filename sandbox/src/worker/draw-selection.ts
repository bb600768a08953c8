import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { readFrames } from "../media/decode-video.ts";
import { extensionOf } from "../media/extensions.ts";
import type { Frame } from "./embed-inputs.ts";
import type { NewSample } from "./register-samples.ts";

/** Longer side of a thumbnail in pixels. */
const THUMBNAIL = 320;

/**
 * Writes the pictures of selected frames to disk, PNG in full size and a thumbnail each: every video is decoded a
 * second time, but only up to its last pick. A photo only gets a thumbnail; the file itself stays in place.
 *
 * @param frames - the picks, grouped by video and in order
 * @param onDrawn - receives the number of written frames after each one
 */
export async function drawSelection(
  frames: readonly Frame[],
  folder: string,
  signal: AbortSignal,
  onDrawn: (done: number) => Promise<void>,
): Promise<NewSample[]> {
  const samples: NewSample[] = [];
  for (const [input, own] of Map.groupBy(frames, (frame) => frame.input)) {
    const waiting = [...own];
    for await (const picture of input.kind === "video" ? pictures(input.path, own) : [sharp(input.path).rotate()]) {
      signal.throwIfAborted();
      const frame = waiting.shift();
      if (frame !== undefined) {
        samples.push(await draw(frame, picture, join(folder, `frame-${samples.length}`)));
        await onDrawn(samples.length);
      }
    }
  }
  return samples;
}

async function* pictures(path: string, frames: readonly Frame[]): AsyncGenerator<Sharp, void> {
  const timestamps = frames.map(({ timestampSeconds }) => timestampSeconds);
  for await (const { width, height, data } of readFrames(path, timestamps)) {
    yield sharp(data, { raw: { width, height, channels: 4 } }).removeAlpha();
  }
}

async function draw(frame: Frame, picture: Sharp, path: string): Promise<NewSample> {
  const { sharpness, luminance, name: fileName } = frame;
  // A thumbnail has the name of its sample, so it has the same file type.
  const thumb = `${path}-thumb.${extensionOf(fileName)}`;
  await picture.clone().resize(THUMBNAIL, THUMBNAIL, { fit: "inside", withoutEnlargement: true }).toFile(thumb);
  if (frame.input.kind === "photo") {
    return { fileName, metaData: { sharpness, luminance }, files: { thumb } };
  }
  const full = `${path}.png`;
  const { size, width, height } = await picture.png().toFile(full);
  return {
    fileName,
    metaData: { sharpness, luminance, sizeInBytes: size, shape: [height, width, 3] },
    videoFrameData: {
      sourceVideo: frame.input.name,
      sourceVideoFrameIndex: frame.frameIndex,
      sourceVideoFrameTimestamp: frame.timestampSeconds,
    },
    files: { full, thumb },
  };
}
