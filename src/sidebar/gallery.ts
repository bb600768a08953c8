import { element, svgElement } from "./dom.ts";
import { type GalleryFrame, layOut, spokenTime, type VideoTimeline } from "./gallery-layout.ts";
import { GalleryError, readFrames, readPicture } from "./gallery-requests.ts";
import { GALLERY_STYLE } from "./gallery-style.ts";

/**
 * Looks a text up: `loading`, `none`, `failed` {reason}, `count` {count}, `pictures`, `timeline` {video, count}, `time` {time},
 * `distance` {distance}, `frame` {frame}.
 */
export type GalleryTexts = (key: string, values?: Readonly<Record<string, unknown>>) => string;

/** A gallery that is shown. */
export interface Gallery {
  /** Ends it and empties its container. */
  destroy(): void;
}

/** Width and height of a thumbnail with the gap to the next one: see the style. */
const THUMB = { width: 88, height: 54 } as const;
const AXIS_HEIGHT = 26;
const NARROWEST = 200;

/** Shows the frames that a run has selected, on a timeline of each video, in `container`. */
export function createGallery(container: HTMLElement, runId: string, texts: GalleryTexts): Gallery {
  const view = new GalleryView(container, texts);
  void view.load(runId);
  return view;
}

class GalleryView implements Gallery {
  readonly #container: HTMLElement;
  readonly #texts: GalleryTexts;
  readonly #note = element("p", { class: "lightly-gallery-note", role: "status" });
  readonly #lines = element("div");
  readonly #about = element("div", { class: "lightly-gallery-about" });
  readonly #picture = element("div", { class: "lightly-gallery-picture" });
  readonly #seen: IntersectionObserver;
  readonly #resized: ResizeObserver;
  /** One of each frame, kept over a new layout, with the picture that it has. */
  readonly #buttons = new Map<GalleryFrame, HTMLButtonElement>();
  readonly #framesOf = new WeakMap<Element, GalleryFrame>();
  readonly #addresses = new Set<string>();
  #frames: readonly GalleryFrame[] = [];
  #width = 0;
  #chosen: GalleryFrame | undefined;
  #isOver = false;

  constructor(container: HTMLElement, texts: GalleryTexts) {
    this.#container = container;
    this.#texts = texts;
    this.#note.textContent = texts("loading");
    container.replaceChildren(element("style", {}, GALLERY_STYLE), this.#note, this.#lines, this.#about, this.#picture);
    this.#seen = new IntersectionObserver((entries) => this.#loadSeen(entries), { rootMargin: "200px" });
    this.#resized = new ResizeObserver(() => this.#layOutIfWider());
    this.#resized.observe(container);
  }

  async load(runId: string): Promise<void> {
    try {
      this.#frames = await readFrames(runId, () => this.#isOver);
      if (!this.#isOver) {
        const count = this.#frames.length;
        this.#note.textContent = count === 0 ? this.#texts("none") : this.#texts("count", { count });
        this.#show();
      }
    } catch (error) {
      const isEmpty = error instanceof GalleryError && error.code === "RUN_WITHOUT_SELECTION";
      const reason = error instanceof Error ? error.message : String(error);
      this.#note.textContent = isEmpty ? this.#texts("none") : this.#texts("failed", { reason });
    }
  }

  destroy(): void {
    this.#isOver = true;
    this.#seen.disconnect();
    this.#resized.disconnect();
    for (const address of this.#addresses) {
      URL.revokeObjectURL(address);
    }
    this.#container.replaceChildren();
  }

  #layOutIfWider(): void {
    if (!this.#isOver && this.#frames.length > 0 && Math.abs(this.#container.clientWidth - this.#width) > 1) {
      this.#show();
    }
  }

  #show(): void {
    this.#width = this.#container.clientWidth;
    const focused = document.activeElement;
    const room = { width: Math.max(NARROWEST, this.#width), thumbWidth: THUMB.width };
    this.#lines.replaceChildren(...layOut(this.#frames, room).flatMap((timeline) => this.#timeline(timeline)));
    if (focused instanceof HTMLButtonElement && this.#framesOf.has(focused)) {
      focused.focus();
    }
  }

  #timeline(timeline: VideoTimeline): HTMLElement[] {
    const { video, placed, lanes, width } = timeline;
    const label = this.#texts("timeline", { video: video || this.#texts("pictures"), count: placed.length });
    const list = element("ul", { "aria-label": label });
    for (const [index, { frame, x, lane }] of placed.entries()) {
      const item = element("li", { style: `left: ${x}px; top: ${AXIS_HEIGHT + lane * THUMB.height}px` });
      const button = this.#button(frame);
      button.tabIndex = index === 0 ? 0 : -1;
      item.append(button);
      list.append(item);
    }
    list.addEventListener("keydown", (event) => moveFocus(event, list));
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
    const label = [frame.fileName, ...this.#facts(frame)].join(", ");
    const button = element("button", {
      type: "button",
      class: "lightly-gallery-frame",
      "aria-label": label,
      "aria-pressed": "false",
      title: label,
    });
    button.addEventListener("mouseenter", () => this.#tell(frame));
    button.addEventListener("focus", () => this.#tell(frame));
    button.addEventListener("click", () => void this.#choose(frame));
    this.#framesOf.set(button, frame);
    this.#buttons.set(frame, button);
    this.#seen.observe(button);
    return button;
  }

  #facts({ timeSeconds, frame, distance }: GalleryFrame): string[] {
    const facts: string[] = [];
    if (timeSeconds !== undefined) {
      facts.push(this.#texts("time", { time: spokenTime(timeSeconds) }));
    }
    if (frame !== undefined) {
      facts.push(this.#texts("frame", { frame }));
    }
    if (distance !== undefined) {
      facts.push(this.#texts("distance", { distance: distance.toFixed(3) }));
    }
    return facts;
  }

  #tell(frame: GalleryFrame): void {
    const facts = element("span", {}, this.#facts(frame).join(" · "));
    this.#about.replaceChildren(frame.fileName, element("br"), facts);
  }

  /** Shows the whole picture; the same frame once more takes it away. */
  async #choose(frame: GalleryFrame): Promise<void> {
    const again = this.#chosen === frame;
    if (this.#chosen) {
      this.#buttons.get(this.#chosen)?.setAttribute("aria-pressed", "false");
    }
    this.#chosen = again ? undefined : frame;
    this.#picture.replaceChildren();
    if (again) {
      return;
    }
    this.#buttons.get(frame)?.setAttribute("aria-pressed", "true");
    try {
      const address = await this.#read(frame.thumbnail.replace(/thumbnail$/, "picture"));
      if (this.#chosen === frame && address !== undefined) {
        this.#picture.replaceChildren(element("img", { src: address, alt: frame.fileName }));
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#picture.replaceChildren(element("p", { role: "alert" }, this.#texts("failed", { reason })));
    }
  }

  #loadSeen(entries: readonly IntersectionObserverEntry[]): void {
    for (const { isIntersecting, target } of entries) {
      const frame = this.#framesOf.get(target);
      if (isIntersecting && frame) {
        this.#seen.unobserve(target);
        void this.#loadThumbnail(frame, target);
      }
    }
  }

  async #loadThumbnail({ thumbnail }: GalleryFrame, button: Element): Promise<void> {
    try {
      const address = await this.#read(thumbnail);
      if (address !== undefined) {
        button.replaceChildren(element("img", { src: address, alt: "" }));
      }
    } catch {
      button.classList.add("lightly-gallery-broken");
    }
  }

  /** An address inside the browser; undefined when nobody needs it any more. */
  async #read(url: string): Promise<string | undefined> {
    const address = await readPicture(url);
    if (this.#isOver) {
      URL.revokeObjectURL(address);
      return undefined;
    }
    this.#addresses.add(address);
    return address;
  }
}

/** The time scale, and a mark where each frame stands. */
function axis({ placed, ticks, cuts, width }: VideoTimeline): SVGElement {
  const base = AXIS_HEIGHT - 4;
  const svg = svgElement("svg", { width: String(width), height: String(AXIS_HEIGHT), "aria-hidden": "true" });
  svg.append(lineFrom(0, base, width, base));
  for (const { x, seconds } of ticks) {
    svg.append(lineFrom(x, base - 5, x, base));
    svg.append(svgElement("text", { x: String(x + 3), y: "11" }, spokenTime(seconds)));
  }
  for (const x of cuts) {
    for (const line of [lineFrom(x - 4, base + 4, x, base - 4), lineFrom(x, base + 4, x + 4, base - 4)]) {
      line.setAttribute("class", "lightly-gallery-cut");
      svg.append(line);
    }
  }
  for (const { x } of placed) {
    const mark = lineFrom(x + 1, base - 3, x + 1, AXIS_HEIGHT);
    mark.setAttribute("class", "lightly-gallery-mark");
    svg.append(mark);
  }
  return svg;
}

function lineFrom(x1: number, y1: number, x2: number, y2: number): SVGLineElement {
  return svgElement("line", { x1: String(x1), y1: String(y1), x2: String(x2), y2: String(y2) });
}

/** Of a timeline one frame takes part in the order of the tab key; the arrows lead to the others. */
function moveFocus(event: KeyboardEvent, list: HTMLElement): void {
  const buttons: Element[] = [...list.querySelectorAll("button")];
  const at = document.activeElement === null ? -1 : buttons.indexOf(document.activeElement);
  const last = buttons.length - 1;
  const to = { ArrowRight: Math.min(at + 1, last), ArrowLeft: Math.max(at - 1, 0), Home: 0, End: last }[event.key];
  const next = to === undefined ? undefined : buttons[to];
  if (at === -1 || next === undefined) {
    return;
  }
  event.preventDefault();
  for (const button of buttons) {
    button.setAttribute("tabindex", button === next ? "0" : "-1");
  }
  (next as HTMLButtonElement).focus();
}
