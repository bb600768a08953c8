import type { LogEntry } from "../../records/run-record.ts";
import { text } from "../host/host.ts";
import { element } from "../parts/dom.ts";
import { formatClock } from "../parts/texts/times.ts";

/** The log of a step. If it is scrolled to the end, it follows new lines. */
export class LogView {
  readonly element = element("div", {
    class: "lightly-runs-log",
    role: "log",
    "aria-live": "off",
    "aria-label": text("step.log"),
    tabindex: "0",
  });
  #shown = "";

  show(log: readonly LogEntry[]): void {
    this.element.hidden = log.length === 0;
    const last = log.at(-1);
    const now = `${log.length}/${last?.at}/${last?.text}`;
    if (now === this.#shown) {
      return;
    }
    this.#shown = now;
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    const isAtEnd = scrollTop + clientHeight >= scrollHeight - 4;
    this.element.replaceChildren(
      ...log.map(({ at, text: line }) =>
        element("div", {}, element("span", { class: "lightly-runs-faint" }, formatClock(at)), " ", line),
      ),
    );
    if (isAtEnd) {
      this.element.scrollTop = this.element.scrollHeight;
    }
  }
}
