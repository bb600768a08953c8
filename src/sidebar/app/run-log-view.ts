import type { RunRecord } from "../../records/run-record.ts";
import { text } from "../host/host.ts";
import { copyButton } from "../parts/copy-button.ts";
import { element, setText } from "../parts/dom.ts";
import { formatClock } from "../parts/texts/times.ts";
import { filterLines, LEVELS, type Level, type LogLine, logLines } from "./log-lines.ts";

/** One log over all steps of a run, with search and level. If it is scrolled to the end, it follows new lines. */
export class RunLogView {
  readonly element = element("div", { class: "lightly-page-log" });
  readonly #search = element("input", { type: "search", "aria-label": text("log.search") });
  readonly #level = element("select", { "aria-label": text("log.level") });
  readonly #count = element("span", { class: "lightly-page-count", role: "status" });
  readonly #lines = element("div", {
    class: "lightly-page-lines",
    role: "log",
    "aria-live": "off",
    "aria-label": text("step.log"),
    tabindex: "0",
  });
  #all: readonly LogLine[] = [];
  #shown: readonly LogLine[] = [];
  #drawn = "";

  constructor() {
    this.#search.placeholder = text("log.search");
    this.#level.append(...LEVELS.map((level) => element("option", { value: level }, text(`log.${level}`))));
    const copy = copyButton(text("copy.log"), () =>
      this.#shown
        .map((line) => [new Date(line.at).toISOString(), line.level, line.step, line.text].join("\t"))
        .join("\n"),
    );
    this.element.append(
      element("div", { class: "lightly-page-filter" }, this.#search, this.#level, this.#count, copy),
      this.#lines,
    );
    this.#search.addEventListener("input", () => this.#draw());
    this.#level.addEventListener("input", () => this.#draw());
  }

  show(run: RunRecord): void {
    this.#all = logLines(run);
    this.#draw();
  }

  #draw(): void {
    this.#shown = filterLines(this.#all, this.#level.value as Level, this.#search.value);
    const last = this.#shown.at(-1);
    const now = [this.#shown.length, last?.at, last?.text, this.#search.value, this.#level.value].join("/");
    if (now === this.#drawn) {
      return;
    }
    this.#drawn = now;
    const { scrollTop, scrollHeight, clientHeight } = this.#lines;
    const isAtEnd = scrollTop + clientHeight >= scrollHeight - 4;
    this.#lines.replaceChildren(...this.#shown.map(lineOf));
    if (this.#shown.length === 0) {
      this.#lines.append(
        element("p", { class: "lightly-runs-faint" }, text(this.#all.length === 0 ? "log.none" : "log.noMatch")),
      );
    }
    setText(this.#count, text("log.count", { shown: this.#shown.length, all: this.#all.length }));
    if (isAtEnd) {
      this.#lines.scrollTop = this.#lines.scrollHeight;
    }
  }
}

function lineOf({ at, step, level, text: line }: LogLine): HTMLElement {
  const row = element(
    "div",
    {},
    element("time", { datetime: new Date(at).toISOString() }, formatClock(at)),
    element("span", { class: "lightly-page-logstep", title: step }, step),
    element("span", { class: "lightly-page-logtext" }, markOf(level), line),
  );
  row.dataset.level = level;
  return row;
}

function markOf(level: Level): HTMLElement | undefined {
  if (level === "info") {
    return undefined;
  }
  const label = text(level === "warning" ? "log.oneWarning" : "log.oneError");
  const name = level === "warning" ? "exclamation-triangle" : "times-circle";
  return element("i", { class: `fa fa-${name}`, role: "img", "aria-label": label, title: label });
}
