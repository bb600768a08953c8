import type { VideoSample } from "mediabunny";

/** A picture with four bytes per pixel: red, green, blue, opacity. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** The type that mediabunny uses has no `format` yet, although mediabunny reads it. */
const AS_RGBA: VideoFrameCopyToOptions & { format: "RGBA" } = { format: "RGBA" };

/**
 * A decoded frame's pixels for display: rotation and pixel aspect applied.
 *
 * @param longestSide - maximum width and height; the original size by default
 */
export async function readRgba(sample: VideoSample, longestSide = Number.POSITIVE_INFINITY): Promise<RgbaImage> {
  const scale = Math.min(1, longestSide / Math.max(sample.displayWidth, sample.displayHeight));
  const width = Math.max(1, Math.round(sample.displayWidth * scale));
  const height = Math.max(1, Math.round(sample.displayHeight * scale));
  if (sample.rotation === 0 && !sample.flip && width === sample.codedWidth && height === sample.codedHeight) {
    return { width, height, data: await copy(sample) };
  }
  const shown = await sample.transform({ width, height, fit: "fill" });
  try {
    return { width, height, data: await copy(shown) };
  } finally {
    shown.close();
  }
}

async function copy(sample: VideoSample): Promise<Uint8Array> {
  const data = new Uint8Array(sample.allocationSize(AS_RGBA));
  await sample.copyTo(data, AS_RGBA);
  return data;
}
