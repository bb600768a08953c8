/** Red, green and blue, 0 to 255 each. */
export type Color = readonly [red: number, green: number, blue: number];

/** A picture in planar YUV 4:2:0 (the form video encoders take). Positions and lengths are fractions of its width and height, 0 to 1. */
export class Canvas {
  readonly width: number;
  readonly height: number;
  /** The Y plane, then U and V with half the width and half the height. */
  readonly pixels: Uint8Array;

  /** Width and height in pixels, multiples of 4. */
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.pixels = new Uint8Array((width * height * 3) / 2);
  }

  copy(from: Canvas): void {
    this.pixels.set(from.pixels);
  }

  /** Colors every pixel by a function of its position. Slow: for what is drawn once per scene. */
  shade(colorAt: (x: number, y: number) => Color): void {
    for (let y = 0; y < this.height; y += 1) {
      for (let x = 0; x < this.width; x += 1) {
        this.#put(x, y, toYuv(colorAt(x / this.width, y / this.height)));
      }
    }
  }

  rect(x0: number, y0: number, x1: number, y1: number, color: Color): void {
    const yuv = toYuv(color);
    const left = this.#clampX(x0);
    const right = this.#clampX(x1);
    for (let y = this.#clampY(y0); y < this.#clampY(y1); y += 1) {
      this.#row(y, left, right, yuv);
    }
  }

  ellipse(centreX: number, centreY: number, radiusX: number, radiusY: number, color: Color): void {
    const yuv = toYuv(color);
    for (let y = this.#clampY(centreY - radiusY); y < this.#clampY(centreY + radiusY); y += 1) {
      const slant = ((y + 0.5) / this.height - centreY) / radiusY;
      const half = radiusX * Math.sqrt(Math.max(0, 1 - slant * slant));
      this.#row(y, this.#clampX(centreX - half), this.#clampX(centreX + half), yuv);
    }
  }

  /** Changes the luma of every pixel by a function of its position in pixels; chroma stays. */
  relight(luma: (value: number, x: number, y: number) => number): void {
    for (let y = 0, at = 0; y < this.height; y += 1) {
      for (let x = 0; x < this.width; x += 1, at += 1) {
        this.pixels[at] = Math.max(16, Math.min(235, luma(this.pixels[at] ?? 0, x, y)));
      }
    }
  }

  /** The same picture at half the width and height. */
  halve(): Canvas {
    const half = new Canvas(this.width / 2, this.height / 2);
    let to = 0;
    let from = 0;
    for (const divisor of [1, 2, 2]) {
      const width = this.width / divisor;
      const height = this.height / divisor;
      for (let y = 0; y < height; y += 2) {
        for (let x = 0, at = from + y * width; x < width; x += 2, at += 2, to += 1) {
          const { pixels } = this;
          const sum =
            (pixels[at] ?? 0) + (pixels[at + 1] ?? 0) + (pixels[at + width] ?? 0) + (pixels[at + width + 1] ?? 0);
          half.pixels[to] = (sum + 2) >> 2;
        }
      }
      from += width * height;
    }
    return half;
  }

  #put(x: number, y: number, [luma, u, v]: Yuv): void {
    this.pixels[y * this.width + x] = luma;
    if (x % 2 === 0 && y % 2 === 0) {
      const at = this.width * this.height + ((y >> 1) * this.width) / 2 + (x >> 1);
      this.pixels[at] = u;
      this.pixels[at + (this.width * this.height) / 4] = v;
    }
  }

  #row(y: number, left: number, right: number, [luma, u, v]: Yuv): void {
    const start = y * this.width;
    this.pixels.fill(luma, start + left, start + right);
    if (y % 2 === 0 && right > left) {
      const chroma = this.width * this.height + ((y >> 1) * this.width) / 2;
      const plane = (this.width * this.height) / 4;
      this.pixels.fill(u, chroma + (left >> 1), chroma + ((right + 1) >> 1));
      this.pixels.fill(v, chroma + plane + (left >> 1), chroma + plane + ((right + 1) >> 1));
    }
  }

  #clampX(x: number): number {
    return Math.max(0, Math.min(this.width, Math.round(x * this.width)));
  }

  #clampY(y: number): number {
    return Math.max(0, Math.min(this.height, Math.round(y * this.height)));
  }
}

type Yuv = readonly [luma: number, u: number, v: number];

/** ITU-R BT.601 in the limited range of video (luma 16 to 235). */
function toYuv([red, green, blue]: Color): Yuv {
  return [
    Math.round(16 + 0.257 * red + 0.504 * green + 0.098 * blue),
    Math.round(128 - 0.148 * red - 0.291 * green + 0.439 * blue),
    Math.round(128 + 0.439 * red - 0.368 * green - 0.071 * blue),
  ];
}

/** A color between two others: `part` 0 is the first one, 1 the second one. */
export function mix(from: Color, to: Color, part: number): Color {
  const at = Math.max(0, Math.min(1, part));
  return [from[0] + (to[0] - from[0]) * at, from[1] + (to[1] - from[1]) * at, from[2] + (to[2] - from[2]) * at];
}
