import sharp from "sharp";
import { decodeVideo } from "../media/decode-video.ts";
import type { RgbaImage } from "../media/rgba.ts";
import type { Embedder } from "./embedding/embedder.ts";
import { measureImage } from "./embedding/measure-image.ts";
import { frameName } from "./frame-name.ts";
import type { InputFile } from "./load-inputs.ts";
import type { FrameMetadata } from "./selection/metadata-keys.ts";
import { type Rows, toRows } from "./selection/vector-rows.ts";

/** A candidate: a frame of a video, or a photo. */
export interface Frame extends FrameMetadata {
  readonly input: InputFile;
  /** The sample's name: that of the frame or of the photo. */
  readonly name: string;
  /** Seconds from the start of the video; 0 for a photo. */
  readonly timestampSeconds: number;
}

/** All candidates with one embedding each. */
export interface EmbeddedFrames {
  readonly frames: readonly Frame[];
  readonly rows: Rows;
  /** Inputs that could not be decoded, with the reason. */
  readonly broken: ReadonlyArray<{ readonly name: string; readonly reason: string }>;
}

/** Longer side in pixels to which frames are scaled before they are measured. */
const WORKING_SIZE = 256;

/**
 * Decodes every input once, and embeds and measures each frame.
 *
 * @param onFrame - receives the number of embedded frames after each one
 */
export async function embedInputs(
  inputs: readonly InputFile[],
  embedder: Embedder,
  signal: AbortSignal,
  onFrame: (done: number) => Promise<void>,
): Promise<EmbeddedFrames> {
  const frames: Frame[] = [];
  const vectors: Float32Array[] = [];
  const broken: Array<{ name: string; reason: string }> = [];
  for (const input of inputs) {
    const own: Array<Omit<Frame, "name">> = [];
    const ownVectors: Float32Array[] = [];
    try {
      for await (const { index, timestampSeconds, image } of decodeInput(input)) {
        signal.throwIfAborted();
        own.push({ input, frameIndex: index, timestampSeconds, ...measureImage(image) });
        ownVectors.push(embedder.embed(image));
        await onFrame(frames.length + own.length);
      }
    } catch (error) {
      signal.throwIfAborted();
      broken.push({ name: input.name, reason: error instanceof Error ? error.message : String(error) });
      continue;
    }
    for (const frame of own) {
      const isVideo = input.kind === "video";
      frames.push({ ...frame, name: isVideo ? frameName(input.name, frame.frameIndex, own.length) : input.name });
    }
    for (const vector of ownVectors) {
      vectors.push(vector);
    }
  }
  return { frames, rows: toRows(vectors, embedder.dimensions), broken };
}

/** A picture from a file or from memory, scaled to the size for measurements. */
export async function readPhoto(source: string | Buffer): Promise<RgbaImage> {
  const { data, info } = await sharp(source)
    .rotate()
    .resize(WORKING_SIZE, WORKING_SIZE, { fit: "inside", withoutEnlargement: true })
    .ensureAlpha()
    .toColorspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

async function* decodeInput({ kind, path }: InputFile): ReturnType<typeof decodeVideo> {
  if (kind === "video") {
    yield* decodeVideo(path, WORKING_SIZE);
  } else {
    yield { index: 0, timestampSeconds: 0, image: await readPhoto(path) };
  }
}
