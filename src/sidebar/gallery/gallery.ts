import { element } from "../parts/dom.ts";
import { moveFocus, startRoving } from "../parts/roving-focus.ts";
import { AXIS_HEIGHT, axis } from "./gallery-axis.ts";
import { factsOf, frameButton, type GalleryTexts } from "./gallery-button.ts";
import type { GalleryFrame } from "./gallery-frame.ts";
import { layOut, type VideoTimeline } from "./gallery-layout.ts";
import { GalleryError, readFrames } from "./gallery-requests.ts";
import { GALLERY_STYLE } from "./gallery-style.ts";
import { PictureCache } from "./picture-cache.ts";

/** A gallery on the page. */
export interface Gallery {
  /** Removes the gallery and empties its container. */
  destroy(): void;
}

/** Width and height of a thumbnail with the gap to the next one: see the style. */
const THUMB = { width: 88, height: 54 } as const;
const MIN_WIDTH = 200;

/** Shows the frames that a run has selected, on a timeline of each video, in `container`. */
export function createGallery(container: HTMLElement, runId: string, texts: GalleryTexts): Gallery {
  const view = new GalleryView(container, texts);
  void view.load(runId);
  return view;
}

class GalleryView implements Gallery {
  readonly #container: HTMLElement;
  readonly #texts: GalleryTexts;
  readonly #status = element("p", { class: "lightly-gallery-status", role: "status" });
  readonly #lines = element("div");
  readonly #details = element("div", { class: "lightly-gallery-details" });
  readonly #picture = element("div", { class: "lightly-gallery-picture" });
  readonly #visibility: IntersectionObserver;
  readonly #size: ResizeObserver;
  /** One per frame, reused by every layout together with its picture. */
  readonly #buttons = new Map<GalleryFrame, HTMLButtonElement>();
  readonly #framesOf = new WeakMap<Element, GalleryFrame>();
  readonly #pictures = new PictureCache();
  #frames: readonly GalleryFrame[] = [];
  #width = 0;
  #chosen: GalleryFrame | undefined;
  #isDestroyed = false;

  constructor(container: HTMLElement, texts: GalleryTexts) {
    this.#container = container;
    this.#texts = texts;
    this.#status.textContent = texts("loading");
    container.replaceChildren(
      element("style", {}, GALLERY_STYLE),
      this.#status,
      this.#lines,
      this.#details,
      this.#picture,
    );
    this.#visibility = new IntersectionObserver((entries) => this.#loadVisible(entries), { rootMargin: "200px" });
    this.#size = new ResizeObserver(() => this.#layOutIfWider());
    this.#size.observe(container);
  }

  async load(runId: string): Promise<void> {
    try {
      this.#frames = await readFrames(runId, () => this.#isDestroyed);
      if (!this.#isDestroyed) {
        const count = this.#frames.length;
        this.#status.textContent = count === 0 ? this.#texts("none") : this.#texts("count", { count });
        this.#show();
      }
    } catch (error) {
      const isEmpty = error instanceof GalleryError && error.code === "RUN_WITHOUT_SELECTION";
      const reason = error instanceof Error ? error.message : String(error);
      this.#status.textContent = isEmpty ? this.#texts("none") : this.#texts("failed", { reason });
    }
  }

  destroy(): void {
    this.#isDestroyed = true;
    this.#visibility.disconnect();
    this.#size.disconnect();
    this.#pictures.destroy();
    this.#container.replaceChildren();
  }

  #layOutIfWider(): void {
    if (!this.#isDestroyed && this.#frames.length > 0 && Math.abs(this.#container.clientWidth - this.#width) > 1) {
      this.#show();
    }
  }

  #show(): void {
    this.#width = this.#container.clientWidth;
    const focused = document.activeElement;
    const viewport = { width: Math.max(MIN_WIDTH, this.#width), thumbWidth: THUMB.width };
    this.#lines.replaceChildren(...layOut(this.#frames, viewport).flatMap((timeline) => this.#timeline(timeline)));
    if (focused instanceof HTMLButtonElement && this.#framesOf.has(focused)) {
      focused.focus();
    }
  }

  #timeline(timeline: VideoTimeline): HTMLElement[] {
    const { video, placed, lanes, width } = timeline;
    const label = this.#texts("timeline", { video: video || this.#texts("pictures"), count: placed.length });
    const buttons = placed.map(({ frame }) => this.#button(frame));
    const items = placed.map(({ x, lane }, index) =>
      element("li", { style: `left: ${x}px; top: ${AXIS_HEIGHT + lane * THUMB.height}px` }, buttons[index]),
    );
    const list = element("ul", { "aria-label": label }, ...items);
    startRoving(buttons);
    list.addEventListener("keydown", (event) => moveFocus(event, buttons));
    const height = AXIS_HEIGHT + lanes * THUMB.height;
    const line = element("div", { class: "lightly-gallery-line", style: `width: ${width}px; height: ${height}px` });
    line.append(axis(timeline), list);
    const head = element("div", { class: "lightly-gallery-head" }, video || this.#texts("pictures"));
    return [head, element("div", { class: "lightly-gallery-scroll" }, line)];
  }

  #button(frame: GalleryFrame): HTMLButtonElement {
    const known = this.#buttons.get(frame);
    if (known) {
      return known;
    }
    const button = frameButton(frame, this.#texts);
    button.addEventListener("mouseenter", () => this.#showDetails(frame));
    button.addEventListener("focus", () => this.#showDetails(frame));
    button.addEventListener("click", () => void this.#choose(frame));
    this.#framesOf.set(button, frame);
    this.#buttons.set(frame, button);
    this.#visibility.observe(button);
    return button;
  }

  #showDetails(frame: GalleryFrame): void {
    const facts = element("span", {}, factsOf(frame, this.#texts).join(" · "));
    this.#details.replaceChildren(frame.fileName, element("br"), facts);
  }

  /** Shows the full picture, or removes it if the frame was chosen already. */
  async #choose(frame: GalleryFrame): Promise<void> {
    const isSame = this.#chosen === frame;
    if (this.#chosen) {
      this.#buttons.get(this.#chosen)?.setAttribute("aria-pressed", "false");
    }
    this.#chosen = isSame ? undefined : frame;
    this.#picture.replaceChildren();
    if (isSame) {
      return;
    }
    this.#buttons.get(frame)?.setAttribute("aria-pressed", "true");
    try {
      const address = await this.#pictures.load(frame.thumbnailUrl.replace(/thumbnail$/, "picture"));
      if (this.#chosen === frame && address !== undefined) {
        this.#picture.replaceChildren(element("img", { src: address, alt: frame.fileName }));
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#picture.replaceChildren(element("p", { role: "alert" }, this.#texts("failed", { reason })));
    }
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
