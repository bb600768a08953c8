import { text } from "../host/host.ts";
import { element } from "../parts/dom.ts";
import { moveFocus, startRoving } from "../parts/roving-focus.ts";
import { decimals } from "../parts/texts/numbers.ts";
import type { FrameButtons } from "./frame-buttons.ts";
import type { GalleryFrame } from "./gallery-frame.ts";
import { formatVideoTime } from "./gallery-layout.ts";

/** Frames as a grid, in the order in which they were selected, each with its time and its distance. */
export function frameGrid(frames: readonly GalleryFrame[], buttons: FrameButtons): HTMLElement {
  const all = frames.map((frame) => buttons.of(frame));
  startRoving(all);
  const list = element(
    "ul",
    { class: "lightly-gallery-grid", "aria-label": text("gallery.title") },
    ...frames.map((frame, index) => element("li", {}, all[index], caption(frame))),
  );
  list.addEventListener("keydown", (event) => moveFocus(event, all));
  return list;
}

function caption({ fileName, timeSeconds, distance }: GalleryFrame): HTMLElement {
  const time = timeSeconds === undefined ? fileName : formatVideoTime(timeSeconds);
  const shown = distance === undefined ? "" : text("gallery.distance", { distance: decimals(distance, 3) });
  return element(
    "span",
    { class: "lightly-gallery-caption", "aria-hidden": "true" },
    element("b", {}, time),
    element("span", {}, shown),
  );
}
