import type { Locator } from "playwright-core";

/** The visibility of an icon. */
export interface Seen {
  /** The share of its pixels with enough contrast to the background. */
  readonly strong: number;
  /** The maximum contrast of a pixel. */
  readonly best: number;
}

/** Compares the rendered pixels of an element with their most common color. */
export async function lookAtIcon(element: Locator, contrast: number): Promise<Seen> {
  await element.scrollIntoViewIfNeeded();
  const picture = (await element.screenshot()).toString("base64");
  return element.page().evaluate(
    async ([data, least]) => {
      const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
      // Without the border and the round corners.
      const [width, height] = [image.width - 6, image.height - 6];
      const context = new OffscreenCanvas(width, height).getContext("2d");
      context.drawImage(image, -3, -3);
      const { data: bytes } = context.getImageData(0, 0, width, height);
      const pixels: number[][] = [];
      const counts = new Map<string, number>();
      for (let at = 0; at < bytes.length; at += 4) {
        const pixel = [...bytes.slice(at, at + 3)];
        pixels.push(pixel);
        counts.set(pixel.join(), (counts.get(pixel.join()) ?? 0) + 1);
      }
      const [ground = ""] = [...counts].sort(([, one], [, other]) => other - one)[0] ?? [];
      // The contrast of two colors according to WCAG.
      const luminance = (pixel: readonly number[]): number => {
        const [red = 0, green = 0, blue = 0] = pixel.map((value) =>
          value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
        );
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
      };
      const below = luminance(ground.split(",").map(Number));
      const ratios = pixels.map(luminance).map((above) => Math.max(above, below) / Math.min(above, below));
      return {
        strong: ratios.filter((ratio) => ratio >= least).length / ratios.length,
        best: ratios.reduce((most, ratio) => Math.max(most, ratio), 1),
      };
    },
    [picture, contrast] as const,
  );
}

declare function createImageBitmap(blob: Blob): Promise<{ readonly width: number; readonly height: number }>;
declare class OffscreenCanvas {
  constructor(width: number, height: number);
  getContext(kind: "2d"): {
    drawImage(image: object, x: number, y: number): void;
    getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
  };
}
