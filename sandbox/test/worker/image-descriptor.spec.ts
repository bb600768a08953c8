import assert from "node:assert/strict";
import type { RgbaImage } from "../../src/media/rgba.ts";
import { imageDescriptor } from "../../src/worker/embedding/image-descriptor.ts";
import { measureImage } from "../../src/worker/embedding/measure-image.ts";

function picture(colorAt: (x: number, y: number) => [number, number, number], width = 96, height = 54): RgbaImage {
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      data.set([...colorAt(x / width, y / height), 255], (y * width + x) * 4);
    }
  }
  return { width, height, data };
}

const distance = (one: RgbaImage, other: RgbaImage): number => {
  const to = imageDescriptor.embed(other);
  return Math.hypot(...imageDescriptor.embed(one).map((value, index) => value - (to[index] ?? 0)));
};
const stripes = (count: number, light: number): RgbaImage =>
  picture((x) => (Math.floor(x * count) % 2 === 0 ? [light, light, light] : [light / 4, light / 4, light / 4]));
const plain = (...color: [number, number, number]): RgbaImage => picture(() => color);

describe("The image descriptor", () => {
  it("has length 1 for any picture, including black ones", () => {
    for (const image of [plain(0, 0, 0), plain(255, 255, 255), stripes(6, 200), plain(255, 0, 0)]) {
      const vector = imageDescriptor.embed(image);
      assert.equal(vector.length, imageDescriptor.dimensions);
      assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-5);
    }
  });

  it("distinguishes pictures by brightness, color, position and texture", () => {
    const leftLit = picture((x) => (x < 0.5 ? [200, 200, 200] : [40, 40, 40]));
    const rightLit = picture((x) => (x < 0.5 ? [40, 40, 40] : [200, 200, 200]));
    for (const [one, other] of [
      [stripes(6, 60), stripes(6, 220)],
      [plain(200, 40, 40), plain(40, 200, 40)],
      [leftLit, rightLit],
      [stripes(24, 200), plain(120, 120, 120)],
    ] as const) {
      assert.ok(distance(one, other) > 0.2);
    }
  });
});

describe("The measurements of a picture", () => {
  it("are luminance from 0 to 100, and more sharpness with more detail", () => {
    assert.equal(measureImage(plain(0, 0, 0)).luminance, 0);
    assert.equal(Math.round(measureImage(plain(255, 255, 255)).luminance), 100);
    assert.ok(measureImage(plain(80, 90, 100)).sharpness < 1e-3);
    assert.ok(measureImage(stripes(24, 200)).sharpness > measureImage(stripes(6, 200)).sharpness);
  });
});
