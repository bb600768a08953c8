import { text } from "../host/host.ts";
import { RequestError, reasonOf } from "../host/request-error.ts";
import { copyButton } from "../parts/copy-button.ts";
import { button, element, setText } from "../parts/dom.ts";
import { framesArchive } from "../parts/requests/requests.ts";
import { FrameButtons } from "./frame-buttons.ts";
import { frameGrid } from "./frame-grid.ts";
import { FramePages } from "./frame-pages.ts";
import { FrameTimeline } from "./frame-timeline.ts";
import type { GalleryFrame } from "./gallery-frame.ts";
import { inTimelineOrder } from "./gallery-layout.ts";
import { readFrames } from "./gallery-requests.ts";
import { openLightbox } from "./lightbox.ts";
import { PageBar } from "./page-bar.ts";
import { PictureCache } from "./picture-cache.ts";

type Kind = "grid" | "timeline";

/**
 * The frames that a run has selected: as a grid or on timelines, in full size, as a list to copy, and as a zip file. Only a page of them is in
 * the document, so that thousands are as fast as a few.
 */
export class FramesView {
  readonly element = element("div", { class: "lightly-gallery" });
  readonly #runId: string;
  readonly #counted: (count: number) => void;
  readonly #status = element("span", { class: "lightly-page-count", role: "status" });
  readonly #failure = element("div", { class: "lightly-runs-error", role: "alert" });
  readonly #kinds = element("div", { class: "lightly-page-switch", role: "group", "aria-label": text("gallery.view") });
  readonly #content = element("div");
  readonly #pictures = new PictureCache();
  readonly #buttons = new FrameButtons(this.#pictures, (frame) => this.#open(frame));
  readonly #copy: HTMLButtonElement;
  readonly #zip: HTMLButtonElement;
  readonly #bars = [
    new PageBar((page) => this.#turn(page), { isStatus: true }),
    new PageBar((page) => this.#turn(page), { isStatus: false }),
  ] as const;
  #kind: Kind = "grid";
  #pages = new FramePages([]);
  #timeline: FrameTimeline | undefined;
  #frames: readonly GalleryFrame[] = [];
  #isDestroyed = false;

  /** @param counted - called with the number of frames */
  constructor(runId: string, counted: (count: number) => void) {
    this.#runId = runId;
    this.#counted = counted;
    this.#copy = copyButton(text("copy.list"), () => this.#frames.map(({ fileName }) => fileName).join("\n"));
    this.#zip = button("download", text("gallery.zip"), () => void this.#download());
    for (const kind of ["grid", "timeline"] as const) {
      const choose = button(kind === "grid" ? "th" : "clock-o", text(`gallery.${kind}View`), () => this.#show(kind));
      choose.dataset.kind = kind;
      this.#kinds.append(choose);
    }
    this.#status.textContent = text("gallery.loading");
    this.#failure.hidden = true;
    this.#kinds.hidden = this.#copy.hidden = this.#zip.hidden = true;
    this.element.append(
      element("div", { class: "lightly-page-filter" }, this.#kinds, this.#status, this.#copy, this.#zip),
      this.#failure,
      this.#bars[0].element,
      this.#content,
      this.#bars[1].element,
    );
    this.#showPosition();
    // Before the keys of the page itself, which end at its last frame.
    this.#content.addEventListener("keydown", (event) => this.#turnByKey(event), { capture: true });
  }

  async load(): Promise<void> {
    try {
      this.#frames = await readFrames(this.#runId, () => this.#isDestroyed);
    } catch (error) {
      const isEmpty = error instanceof RequestError && error.code === "RUN_WITHOUT_SELECTION";
      setText(this.#status, isEmpty ? text("gallery.none") : text("gallery.failed", { reason: reasonOf(error) }));
      return;
    }
    if (!this.#isDestroyed) {
      const count = this.#frames.length;
      this.#counted(count);
      setText(this.#status, count === 0 ? text("gallery.none") : text("gallery.count", { count }));
      this.#kinds.hidden = this.#copy.hidden = this.#zip.hidden = count === 0;
      this.#show("grid");
    }
  }

  destroy(): void {
    this.#isDestroyed = true;
    this.#timeline?.destroy();
    this.#buttons.destroy();
    this.#pictures.destroy();
    this.element.remove();
  }

  #show(kind: Kind): void {
    for (const one of this.#kinds.querySelectorAll("button")) {
      one.setAttribute("aria-pressed", String(one.dataset.kind === kind));
    }
    this.#kind = kind;
    this.#pages = new FramePages(kind === "grid" ? this.#frames : inTimelineOrder(this.#frames));
    this.#draw();
  }

  /** Draws the current page. */
  #draw(): void {
    const { frames } = this.#pages;
    this.#buttons.keep(frames);
    this.#timeline?.destroy();
    this.#timeline = this.#kind === "timeline" ? new FrameTimeline(frames, this.#buttons) : undefined;
    this.#content.replaceChildren(this.#timeline?.element ?? frameGrid(frames, this.#buttons));
    this.#showPosition();
  }

  #showPosition(): void {
    for (const bar of this.#bars) {
      bar.show(this.#pages.position);
    }
  }

  #turn(page: number): void {
    if (this.#pages.turn(page)) {
      this.#draw();
      this.element.scrollIntoView({ block: "start" });
    }
  }

  /** The arrow keys go on at the ends of a page; Page Up and Page Down turn it. */
  #turnByKey(event: KeyboardEvent): void {
    const { frames, position } = this.#pages;
    const at = this.#buttons.frameOf(document.activeElement);
    const isAtEnd = at !== undefined && at === frames.at(-1);
    const isAtStart = at !== undefined && at === frames[0];
    const goesOn = event.key === "PageDown" || (isAtEnd && ["ArrowRight", "ArrowDown"].includes(event.key));
    const goesBack = event.key === "PageUp" || (isAtStart && ["ArrowLeft", "ArrowUp"].includes(event.key));
    if ((goesOn || goesBack) && this.#pages.turn(position.page + (goesOn ? 1 : -1))) {
      event.preventDefault();
      event.stopPropagation();
      this.#draw();
      this.#focus(this.#pages.frames.at(event.key.startsWith("Arrow") && goesBack ? -1 : 0));
    }
  }

  #open(frame: GalleryFrame): void {
    openLightbox(this.#frames, frame, (last) => {
      if (this.#pages.turnTo(last)) {
        this.#draw();
      }
      this.#focus(last);
    });
  }

  /** The timeline has no frames before it knows its width. */
  #focus(frame: GalleryFrame | undefined): void {
    if (frame !== undefined) {
      this.#timeline?.layOut();
      this.#buttons.of(frame).focus();
    }
  }

  /** The browser saves the file while it arrives. */
  async #download(): Promise<void> {
    this.#failure.hidden = true;
    this.#zip.disabled = true;
    try {
      const link = element("a", { href: await framesArchive(this.#runId), download: "" });
      document.body.append(link);
      link.click();
      link.remove();
    } catch (error) {
      this.#failure.hidden = false;
      setText(this.#failure, text("gallery.failed", { reason: reasonOf(error) }));
    } finally {
      this.#zip.disabled = false;
    }
  }
}
