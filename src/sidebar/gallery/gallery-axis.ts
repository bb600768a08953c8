import { svgElement } from "../parts/dom.ts";
import { formatVideoTime, type VideoTimeline } from "./gallery-layout.ts";

/** The height of the time scale above the frames. */
export const AXIS_HEIGHT = 26;

/** The time scale, with a mark for each frame. */
export function axis({ placed, ticks, cuts, width }: VideoTimeline): SVGElement {
  const base = AXIS_HEIGHT - 4;
  const svg = svgElement("svg", { width: String(width), height: String(AXIS_HEIGHT), "aria-hidden": "true" });
  svg.append(lineFrom(0, base, width, base));
  for (const { x, seconds } of ticks) {
    svg.append(lineFrom(x, base - 5, x, base));
    svg.append(svgElement("text", { x: String(x + 3), y: "11" }, formatVideoTime(seconds)));
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
