/** The measurements of each frame, which can be used as `key` of a METADATA input. */
export interface FrameMetadata {
  /** Variance of the Laplacian of the luma (0 to 255) at 256 pixels on the longer side: low for a blurred frame. */
  readonly sharpness: number;
  /** Mean luma in percent: 0 black, 100 white. */
  readonly luminance: number;
  /** Index of the frame in its video, from 0; 0 for a photo. */
  readonly frameIndex: number;
}

export const METADATA_KEYS: Readonly<Record<string, (frame: FrameMetadata) => number>> = {
  "lightly.sharpness": ({ sharpness }) => sharpness,
  "lightly.luminance": ({ luminance }) => luminance,
  "lightly.frameIndex": ({ frameIndex }) => frameIndex,
};
