import { readPicture } from "./gallery-requests.ts";

/** The pictures that a gallery has loaded, as object URLs, which occupy memory until they are revoked. Each is requested once. */
export class PictureCache {
  readonly #urls = new Map<string, Promise<string>>();
  #isDestroyed = false;

  /** Returns undefined if the gallery was closed in the meantime. @throws RequestError */
  async load(path: string): Promise<string | undefined> {
    const known = this.#urls.get(path) ?? readPicture(path);
    this.#urls.set(path, known);
    const url = await known.catch((error: unknown) => {
      // The next call tries again.
      this.#urls.delete(path);
      throw error;
    });
    if (this.#isDestroyed) {
      URL.revokeObjectURL(url);
      return undefined;
    }
    return url;
  }

  /** Gives the memory of a picture back. */
  forget(path: string): void {
    this.#urls.get(path)?.then(
      (one) => URL.revokeObjectURL(one),
      () => {},
    );
    this.#urls.delete(path);
  }

  destroy(): void {
    this.#isDestroyed = true;
    for (const path of this.#urls.keys()) {
      this.forget(path);
    }
  }
}
