import type { RgbaImage } from "../../media/rgba.ts";

/** Turns pictures into vectors, so that pictures that look alike lie close together. */
export interface Embedder {
  /** What it is, for logs and reports. */
  readonly description: string;
  readonly dimensions: number;
  /** The picture's vector, of length 1. */
  embed(image: RgbaImage): Float32Array;
}
