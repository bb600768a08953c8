import { element } from "../parts/dom.ts";
import type { GalleryFrame } from "./gallery-frame.ts";
import { formatVideoTime } from "./gallery-layout.ts";

/**
 * Looks up a text by its key and values: `loading`, `none`, `failed` {reason}, `count` {count}, `pictures`, `timeline` {video, count}, `time` {time},
 * `distance` {distance}, `frame` {frame}.
 */
export type GalleryTexts = (key: string, values?: Readonly<Record<string, unknown>>) => string;

/** The facts about a frame besides its name. */
export function factsOf({ timeSeconds, frame, distance }: GalleryFrame, texts: GalleryTexts): string[] {
  return [
    timeSeconds === undefined ? "" : texts("time", { time: formatVideoTime(timeSeconds) }),
    frame === undefined ? "" : texts("frame", { frame }),
    distance === undefined ? "" : texts("distance", { distance: distance.toFixed(3) }),
  ].filter(Boolean);
}

/** The button of a frame, without its picture at first. */
export function frameButton(frame: GalleryFrame, texts: GalleryTexts): HTMLButtonElement {
  const label = [frame.fileName, ...factsOf(frame, texts)].join(", ");
  return element("button", {
    type: "button",
    class: "lightly-gallery-frame",
    "aria-label": label,
    "aria-pressed": "false",
    title: label,
  });
}
