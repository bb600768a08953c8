import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import sharp from "sharp";
import { PICTURES, type PictureName } from "./names.ts";

/** A part of the page, in pixels. */
export interface Frame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The page to take pictures of, and the pictures. */
export interface Album {
  readonly page: Page;
  /** Takes a picture of the page, or of a part of it, without a focused element. */
  take(name: PictureName, frame?: Frame): Promise<void>;
  /** The same album for another page. */
  of(page: Page): Album;
  /** @throws Error naming the pictures that were not taken */
  finish(): void;
}

declare const document: {
  activeElement: { blur(): void } | null;
  documentElement: { classList: { toggle(name: string, force: boolean): void } };
};

/** Writes pictures to a folder and replaces existing ones. */
export async function createAlbum(page: Page, folder: string): Promise<Album> {
  await mkdir(folder, { recursive: true });
  const missing = new Set<PictureName>(PICTURES);
  const finish = (): void => {
    if (missing.size > 0) {
      throw new Error(`Missing pictures: ${[...missing].join(", ")}.`);
    }
  };
  const albumOf = (shown: Page): Album => ({
    page: shown,
    take: async (name, frame) => {
      await shown.evaluate(() => document.activeElement?.blur());
      const picture = await shown.screenshot({
        animations: "disabled",
        caret: "hide",
        ...(frame ? { clip: frame } : {}),
      });
      // The editor has few colors: a palette takes less than half of the bytes.
      await sharp(picture)
        .png({ palette: true, effort: 10 })
        .toFile(join(folder, `${name}.png`));
      missing.delete(name);
      console.log(`docs/images/${name}.png`);
    },
    of: albumOf,
    finish,
  });
  return albumOf(page);
}

/** Runs an action in the dark theme. */
export async function inTheDark(page: Page, act: () => Promise<void>): Promise<void> {
  const setDark = (isDark: boolean): Promise<unknown> =>
    page.evaluate((dark) => document.documentElement.classList.toggle("nr-theme-dark", dark), isDark);
  await setDark(true);
  await act();
  await setDark(false);
}

/** The part of the page from one element's top to another one's bottom, as wide as the first, with a margin. */
export async function fromTo(first: Locator, last: Locator, margin = 0): Promise<Frame> {
  const [from, to] = [await first.boundingBox(), await last.boundingBox()];
  if (!from || !to) {
    throw new Error("The element of the picture is not on the page.");
  }
  const [x, y] = [Math.max(0, from.x - margin), Math.max(0, from.y - margin)];
  return { x, y, width: from.x + from.width + margin - x, height: to.y + to.height + margin - y };
}
