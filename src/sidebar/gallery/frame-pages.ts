import type { GalleryFrame } from "./gallery-frame.ts";
import type { ShownPage } from "./page-bar.ts";

/** The number of thumbnails that a browser lays out without a noticeable delay. */
export const PAGE_SIZE = 200;

/** A list of frames in pages. */
export class FramePages {
  readonly #frames: readonly GalleryFrame[];
  #page = 0;

  constructor(frames: readonly GalleryFrame[]) {
    this.#frames = frames;
  }

  /** The frames of the current page. */
  get frames(): readonly GalleryFrame[] {
    return this.#frames.slice(this.#page * PAGE_SIZE, (this.#page + 1) * PAGE_SIZE);
  }

  get position(): ShownPage {
    const total = this.#frames.length;
    const from = this.#page * PAGE_SIZE + 1;
    return { page: this.#page, pages: this.#count, from, to: Math.min(from + PAGE_SIZE - 1, total), total };
  }

  /** Turns to a page, if it exists and is not the current one. Returns whether it has. */
  turn(page: number): boolean {
    const isTurned = page !== this.#page && page >= 0 && page < this.#count;
    this.#page = isTurned ? page : this.#page;
    return isTurned;
  }

  /** Turns to the page with a frame. Returns whether it was another one. */
  turnTo(frame: GalleryFrame): boolean {
    return this.turn(Math.floor(this.#frames.indexOf(frame) / PAGE_SIZE));
  }

  get #count(): number {
    return Math.max(1, Math.ceil(this.#frames.length / PAGE_SIZE));
  }
}
