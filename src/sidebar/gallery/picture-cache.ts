import { readPicture } from "./gallery-requests.ts";

/** The pictures that a gallery has loaded, as object URLs, which occupy memory until they are revoked. */
export class PictureCache {
  readonly #urls = new Set<string>();
  #isDestroyed = false;

  /** Returns undefined if the gallery was closed in the meantime. */
  async load(pictureUrl: string): Promise<string | undefined> {
    const url = await readPicture(pictureUrl);
    if (this.#isDestroyed) {
      URL.revokeObjectURL(url);
      return undefined;
    }
    this.#urls.add(url);
    return url;
  }

  destroy(): void {
    this.#isDestroyed = true;
    for (const url of this.#urls) {
      URL.revokeObjectURL(url);
    }
  }
}
