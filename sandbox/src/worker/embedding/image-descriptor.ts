import type { RgbaImage } from "../../media/rgba.ts";
import type { Embedder } from "./embedder.ts";
import { lumaOf } from "./luma.ts";

const GRID = 8;
const GRADIENT_CELLS = 4;
const DIRECTIONS = 8;
/** Per cell of the grid: lightness as a direction (2 numbers), a, b. */
const PER_CELL = 4;
/** Chroma that counts as much as going from black to white. */
const STRONG_CHROMA = 60;
/** Below this gradient, the noise of a flat area does not count as texture; luma steps per pixel. */
const FAINT_GRADIENT = 6;

/**
 * An image descriptor of two well-known parts, without a learned model. It is not Lightly's embedding.
 *
 * - Mean color in CIE L*a*b* on an 8 x 8 grid. Lightness enters as a direction (its cosine and sine), so that a dark
 *   and a bright picture of the same scene differ although the vector is normalized.
 * - Histograms of 8 gradient directions in 4 x 4 cells, weighted by magnitude and normalized per cell (as in HOG).
 *
 * 384 numbers, L2-normalized.
 */
export const imageDescriptor: Embedder = {
  description: "8x8 Lab grid and 4x4x8 gradient histogram, L2-normalized (an image descriptor, not Lightly's model)",
  dimensions: GRID * GRID * PER_CELL + GRADIENT_CELLS * GRADIENT_CELLS * DIRECTIONS,
  embed(image) {
    const vector = new Float32Array(this.dimensions);
    writeColors(image, vector);
    writeGradients(image, vector.subarray(GRID * GRID * PER_CELL));
    normalise(vector);
    return vector;
  },
};

function writeColors({ width, height, data }: RgbaImage, into: Float32Array): void {
  const sums = new Float64Array(GRID * GRID * 4);
  for (let y = 0, at = 0; y < height; y += 1) {
    const row = Math.floor((y * GRID) / height) * GRID;
    for (let x = 0; x < width; x += 1, at += 4) {
      const cell = (row + Math.floor((x * GRID) / width)) * 4;
      sums[cell] = (sums[cell] ?? 0) + (LINEAR[data[at] ?? 0] ?? 0);
      sums[cell + 1] = (sums[cell + 1] ?? 0) + (LINEAR[data[at + 1] ?? 0] ?? 0);
      sums[cell + 2] = (sums[cell + 2] ?? 0) + (LINEAR[data[at + 2] ?? 0] ?? 0);
      sums[cell + 3] = (sums[cell + 3] ?? 0) + 1;
    }
  }
  for (let cell = 0; cell < GRID * GRID; cell += 1) {
    const [red = 0, green = 0, blue = 0, count = 0] = sums.subarray(cell * 4, cell * 4 + 4);
    const [lightness, a, b] = toLab(red / (count || 1), green / (count || 1), blue / (count || 1));
    const angle = (lightness / 100) * (Math.PI / 2);
    into.set([Math.cos(angle), Math.sin(angle), a / STRONG_CHROMA, b / STRONG_CHROMA], cell * PER_CELL);
  }
}

function writeGradients(image: RgbaImage, into: Float32Array): void {
  const { width, height } = image;
  const luma = lumaOf(image);
  for (let y = 1; y < height - 1; y += 1) {
    const row = Math.floor((y * GRADIENT_CELLS) / height) * GRADIENT_CELLS;
    for (let x = 1; x < width - 1; x += 1) {
      const at = y * width + x;
      const across = (luma[at + 1] ?? 0) - (luma[at - 1] ?? 0);
      const down = (luma[at + width] ?? 0) - (luma[at - width] ?? 0);
      const bin = (row + Math.floor((x * GRADIENT_CELLS) / width)) * DIRECTIONS + directionOf(across, down);
      into[bin] = (into[bin] ?? 0) + Math.sqrt(across * across + down * down);
    }
  }
  const pixels = Math.max(1, (width * height) / (GRADIENT_CELLS * GRADIENT_CELLS));
  for (let cell = 0; cell < GRADIENT_CELLS * GRADIENT_CELLS; cell += 1) {
    const bins = into.subarray(cell * DIRECTIONS, (cell + 1) * DIRECTIONS);
    bins.forEach((value, bin) => {
      bins[bin] = value / pixels;
    });
    const norm = Math.hypot(...bins, FAINT_GRADIENT);
    bins.forEach((value, bin) => {
      bins[bin] = value / norm;
    });
  }
}

/**
 * The eighth of the circle that a gradient points to, as `floor((atan2(down, across) + PI) / (PI / 4)) % 8`. Comparisons, because the arc
 * tangent of each pixel took most of the time of a frame.
 */
function directionOf(across: number, down: number): number {
  if (down === 0) {
    return across < 0 ? 0 : 4;
  }
  if (down > 0) {
    return across > 0 ? (down < across ? 4 : 5) : down > -across ? 6 : 7;
  }
  return across < 0 ? (down > across ? 0 : 1) : down < -across ? 2 : 3;
}

function normalise(vector: Float32Array): void {
  let sum = 0;
  for (const value of vector) {
    sum += value * value;
  }
  const norm = Math.sqrt(sum);
  vector.forEach((value, index) => {
    vector[index] = value / norm;
  });
}

/** sRGB's 8-bit values as light, 0 to 1. */
const LINEAR = Float32Array.from({ length: 256 }, (_, value) =>
  value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
);

/** Linear sRGB to CIE L*a*b* under D65. */
function toLab(red: number, green: number, blue: number): [lightness: number, a: number, b: number] {
  const bend = (t: number): number => (t > 216 / 24389 ? Math.cbrt(t) : (t * 24389) / 27 / 116 + 16 / 116);
  const x = bend((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505);
  const y = bend(0.2126 * red + 0.7152 * green + 0.0722 * blue);
  const z = bend((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
