import type { RgbaImage } from "../../media/rgba.ts";

/** Luma (ITU-R BT.601) of each pixel, 0 to 255. */
export function lumaOf({ width, height, data }: RgbaImage): Float32Array {
  const luma = new Float32Array(width * height);
  for (let pixel = 0, at = 0; pixel < luma.length; pixel += 1, at += 4) {
    luma[pixel] = 0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0);
  }
  return luma;
}
