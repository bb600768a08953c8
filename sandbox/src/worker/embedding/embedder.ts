import type { RgbaImage } from "../../media/rgba.ts";

/** Turns pictures into vectors; similar pictures have a small distance. */
export interface Embedder {
  /** Its description, for logs and reports. */
  readonly description: string;
  readonly dimensions: number;
  /** The picture's vector, of length 1. */
  embed(image: RgbaImage): Float32Array;
}
