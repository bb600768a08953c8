import { element } from "../parts/dom.ts";
import { frameButton } from "./gallery-button.ts";
import type { GalleryFrame } from "./gallery-frame.ts";
import type { PictureCache } from "./picture-cache.ts";

/** The buttons of frames. Each loads its thumbnail when it is about to be seen. */
export class FrameButtons {
  readonly #pictures: PictureCache;
  readonly #open: (frame: GalleryFrame) => void;
  readonly #buttons = new Map<GalleryFrame, HTMLButtonElement>();
  readonly #framesOf = new WeakMap<Element, GalleryFrame>();
  readonly #visibility = new IntersectionObserver((entries) => this.#loadVisible(entries), { rootMargin: "300px" });

  /** @param open - called with the frame that the user has chosen */
  constructor(pictures: PictureCache, open: (frame: GalleryFrame) => void) {
    this.#pictures = pictures;
    this.#open = open;
  }

  /** One per frame, reused together with its picture. */
  of(frame: GalleryFrame): HTMLButtonElement {
    const known = this.#buttons.get(frame);
    if (known) {
      return known;
    }
    const button = frameButton(frame);
    button.addEventListener("click", () => this.#open(frame));
    this.#framesOf.set(button, frame);
    this.#buttons.set(frame, button);
    this.#visibility.observe(button);
    return button;
  }

  /** The frame of a button; undefined for another element. */
  frameOf(button: Element | null): GalleryFrame | undefined {
    return button === null ? undefined : this.#framesOf.get(button);
  }

  /** Forgets all buttons except those of some frames, with their pictures. */
  keep(frames: readonly GalleryFrame[]): void {
    const kept = new Set(frames);
    for (const [frame, button] of this.#buttons) {
      if (!kept.has(frame)) {
        this.#visibility.unobserve(button);
        this.#buttons.delete(frame);
        this.#pictures.forget(frame.thumbnailUrl);
      }
    }
  }

  destroy(): void {
    this.#visibility.disconnect();
  }

  #loadVisible(entries: readonly IntersectionObserverEntry[]): void {
    for (const { isIntersecting, target } of entries) {
      const frame = this.#framesOf.get(target);
      if (isIntersecting && frame) {
        this.#visibility.unobserve(target);
        void this.#loadThumbnail(frame, target);
      }
    }
  }

  async #loadThumbnail({ thumbnailUrl }: GalleryFrame, button: Element): Promise<void> {
    try {
      const address = await this.#pictures.load(thumbnailUrl);
      if (address !== undefined) {
        button.replaceChildren(element("img", { src: address, alt: "" }));
      }
    } catch {
      button.classList.add("lightly-gallery-broken");
    }
  }
}
