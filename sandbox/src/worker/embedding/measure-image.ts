import type { RgbaImage } from "../../media/rgba.ts";
import { lumaOf } from "./luma.ts";

/** Sharpness (variance of the Laplacian of the luma) and luminance (mean luma, 0 to 100) of a picture. */
export function measureImage(image: RgbaImage): { sharpness: number; luminance: number } {
  const { width, height } = image;
  const luma = lumaOf(image);
  let total = 0;
  for (const value of luma) {
    total += value;
  }
  const luminance = total / Math.max(1, luma.length) / 2.55;
  let sum = 0;
  let squares = 0;
  let count = 0;
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const at = y * width + x;
      const around = (luma[at - 1] ?? 0) + (luma[at + 1] ?? 0) + (luma[at - width] ?? 0) + (luma[at + width] ?? 0);
      const laplacian = around - 4 * (luma[at] ?? 0);
      sum += laplacian;
      squares += laplacian * laplacian;
      count += 1;
    }
  }
  const mean = sum / Math.max(1, count);
  return {
    sharpness: Math.max(0, squares / Math.max(1, count) - mean * mean),
    luminance: Math.min(100, Math.max(0, luminance)),
  };
}
