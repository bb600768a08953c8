import { FilePathTarget, Mp4OutputFormat, Output, Quality, VideoSample, VideoSampleSource } from "mediabunny";
import { registerCodecs } from "../media/codecs.ts";
import { Canvas } from "./canvas.ts";
import type { Story } from "./storyboard.ts";

/** H.264's scale, 0 (lossless) to 51. The clips are small, so a high quality costs little. */
const QUANTIZER = 21;
/** The same picture is drawn once and encoded in both sizes. */
type Rendition = { readonly output: Output; readonly source: VideoSampleSource };

/**
 * Draws a story and encodes it twice as H.264 in MP4, full size and half size.
 *
 * @param paths - of the two files
 * @param onFrame - called after each frame
 * @returns the number of frames in each file
 */
export async function encodeClip(
  story: Story,
  paths: { readonly full: string; readonly half: string },
  onFrame: () => void,
): Promise<number> {
  registerCodecs();
  const full = await startRendition(paths.full, story.fps);
  const half = await startRendition(paths.half, story.fps);
  const background = new Canvas(story.width, story.height);
  const canvas = new Canvas(story.width, story.height);
  let frames = 0;
  for (const shot of story.shots) {
    shot.scene.paint(background);
    for (let frame = 0; frame < shot.frames; frame += 1, frames += 1) {
      canvas.copy(background);
      shot.scene.move?.(canvas, frame / Math.max(1, shot.frames - 1), frame);
      await Promise.all([addFrame(full, canvas, frames, story.fps), addFrame(half, canvas.halve(), frames, story.fps)]);
      onFrame();
    }
  }
  await full.output.finalize();
  await half.output.finalize();
  return frames;
}

async function startRendition(path: string, fps: number): Promise<Rendition> {
  const output = new Output({
    format: new Mp4OutputFormat({ fastStart: "in-memory" }),
    target: new FilePathTarget(path),
  });
  // "realtime" is x264's fastest preset: a third of the time of its default, and the clips are still only a few MB.
  const source = new VideoSampleSource({
    codec: "avc",
    quality: new Quality({ quantizer: QUANTIZER }),
    latencyMode: "realtime",
    keyFrameInterval: 4,
  });
  output.addVideoTrack(source, { frameRate: fps });
  await output.start();
  return { output, source };
}

async function addFrame({ source }: Rendition, canvas: Canvas, index: number, fps: number): Promise<void> {
  const sample = new VideoSample(canvas.pixels, {
    format: "I420",
    codedWidth: canvas.width,
    codedHeight: canvas.height,
    timestamp: index / fps,
    duration: 1 / fps,
  });
  await source.add(sample);
  sample.close();
}
