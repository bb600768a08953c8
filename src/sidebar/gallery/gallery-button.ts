import { text } from "../host/host.ts";
import { element } from "../parts/dom.ts";
import { decimals } from "../parts/texts/numbers.ts";
import type { GalleryFrame } from "./gallery-frame.ts";
import { formatVideoTime } from "./gallery-layout.ts";

/** The facts about a frame besides its name. */
export function factsOf({ timeSeconds, frame, distance }: GalleryFrame): string[] {
  return [
    timeSeconds === undefined ? "" : text("gallery.time", { time: formatVideoTime(timeSeconds) }),
    frame === undefined ? "" : text("gallery.frame", { frame }),
    distance === undefined ? "" : text("gallery.distance", { distance: decimals(distance, 3) }),
  ].filter(Boolean);
}

/** The button of a frame, without its picture at first. */
export function frameButton(frame: GalleryFrame): HTMLButtonElement {
  const label = [frame.fileName, ...factsOf(frame)].join(", ");
  return element("button", { type: "button", class: "lightly-gallery-frame", "aria-label": label, title: label });
}
