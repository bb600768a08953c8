import { text } from "../host/host.ts";
import { element } from "../parts/dom.ts";
import { moveFocus, startRoving } from "../parts/roving-focus.ts";
import type { FrameButtons } from "./frame-buttons.ts";
import { AXIS_HEIGHT, axis } from "./gallery-axis.ts";
import type { GalleryFrame } from "./gallery-frame.ts";
import { layOut, type VideoTimeline } from "./gallery-layout.ts";

/** Width and height of a thumbnail with the gap to the next one: see the style. */
const THUMB = { width: 88, height: 54 } as const;
const MIN_WIDTH = 200;

/** Frames on a timeline of each video. */
export class FrameTimeline {
  readonly element = element("div", { class: "lightly-gallery-timeline" });
  readonly #buttons: FrameButtons;
  readonly #frames: readonly GalleryFrame[];
  readonly #size = new ResizeObserver(() => this.layOut());
  #width = 0;

  constructor(frames: readonly GalleryFrame[], buttons: FrameButtons) {
    this.#frames = frames;
    this.#buttons = buttons;
    this.#size.observe(this.element);
  }

  destroy(): void {
    this.#size.disconnect();
  }

  /** Lays the frames out if the width has changed. */
  layOut(): void {
    const { clientWidth } = this.element;
    if (clientWidth === 0 || Math.abs(clientWidth - this.#width) <= 1) {
      return;
    }
    this.#width = clientWidth;
    const focused = document.activeElement;
    const viewport = { width: Math.max(MIN_WIDTH, clientWidth), thumbWidth: THUMB.width };
    this.element.replaceChildren(...layOut(this.#frames, viewport).flatMap((timeline) => this.#timeline(timeline)));
    if (focused instanceof HTMLButtonElement && this.#buttons.frameOf(focused)) {
      focused.focus();
    }
  }

  #timeline(timeline: VideoTimeline): HTMLElement[] {
    const { video, placed, lanes, width } = timeline;
    const name = video || text("gallery.pictures");
    const buttons = placed.map(({ frame }) => this.#buttons.of(frame));
    const items = placed.map(({ x, lane }, index) =>
      element("li", { style: `left: ${x}px; top: ${AXIS_HEIGHT + lane * THUMB.height}px` }, buttons[index]),
    );
    const label = text("gallery.timeline", { video: name, count: placed.length });
    const list = element("ul", { "aria-label": label }, ...items);
    startRoving(buttons);
    list.addEventListener("keydown", (event) => moveFocus(event, buttons));
    const height = AXIS_HEIGHT + lanes * THUMB.height;
    const line = element("div", { class: "lightly-gallery-line", style: `width: ${width}px; height: ${height}px` });
    line.append(axis(timeline), list);
    return [
      element("div", { class: "lightly-gallery-head" }, name),
      element("div", { class: "lightly-gallery-scroll" }, line),
    ];
  }
}
