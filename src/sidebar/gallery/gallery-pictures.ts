import { readPicture } from "./gallery-requests.ts";

/** The pictures that a gallery has read, as addresses inside the browser; they take memory until it is over. */
export class GalleryPictures {
  readonly #addresses = new Set<string>();
  #isOver = false;

  /** Undefined when nobody needs the picture any more. */
  async read(url: string): Promise<string | undefined> {
    const address = await readPicture(url);
    if (this.#isOver) {
      URL.revokeObjectURL(address);
      return undefined;
    }
    this.#addresses.add(address);
    return address;
  }

  destroy(): void {
    this.#isOver = true;
    for (const address of this.#addresses) {
      URL.revokeObjectURL(address);
    }
  }
}
