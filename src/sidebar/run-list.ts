import type { RunState } from "../runs/run-record.ts";
import type { RunSummary } from "../runs/run-summary.ts";
import { element, setText } from "./dom.ts";
import { text } from "./editor.ts";
import { matches, newestFirst, type RunFilter } from "./run-filter.ts";
import { RunRow } from "./run-row.ts";

const STATES: readonly (RunState | "all")[] = ["all", "running", "completed", "failed", "aborted", "interrupted"];

/**
 * All runs, the newest first. Each has its row in the page, which the browser lays out only when it comes into view; a change
 * touches no row but its own.
 */
export class RunList {
  readonly element = element("div", { class: "lightly-runs-page" });
  readonly #rows = new Map<string, RunRow>();
  readonly #open: (runId: string) => void;
  readonly #list = element("ul", { class: "lightly-runs-list" });
  readonly #count = element("div", { class: "lightly-runs-count", role: "status" });
  readonly #state = element("select", { "aria-label": text("list.state") });
  readonly #search = element("input", { type: "search", "aria-label": text("list.search") });

  constructor(open: (runId: string) => void) {
    this.#open = open;
    this.#state.append(...STATES.map((state) => element("option", { value: state }, text(`filter.${state}`))));
    this.#search.placeholder = text("list.search");
    this.#list.setAttribute("aria-label", text("title"));
    this.element.append(
      element("div", { class: "lightly-runs-filter" }, this.#state, this.#search),
      this.#count,
      this.#list,
    );
    this.#state.addEventListener("change", () => this.filter());
    this.#search.addEventListener("input", () => this.filter());
    this.#list.addEventListener("keydown", (event) => this.#move(event));
  }

  /** Shows these runs and no others. */
  set(runs: readonly RunSummary[]): void {
    const known = new Set(runs.map(({ runId }) => runId));
    for (const runId of [...this.#rows.keys()].filter((id) => !known.has(id))) {
      this.remove(runId);
    }
    const now = Date.now();
    const rows = runs.toSorted(newestFirst).map((run) => this.#rowOf(run, now));
    // Moving what is in its place already would cost the focus.
    if (rows.some((row, index) => this.#list.children[index] !== row.element)) {
      this.#list.replaceChildren(...rows.map((row) => row.element));
    }
    this.filter();
  }

  /** Takes a changed or a new run in. */
  update(run: RunSummary): void {
    const isNew = !this.#rows.has(run.runId);
    const row = this.#rowOf(run, Date.now());
    if (isNew) {
      const next = [...this.#list.children].find((other) => {
        const known = this.#rows.get((other as HTMLElement).dataset.run ?? "");
        return known !== undefined && newestFirst(run, known.run) < 0;
      });
      this.#list.insertBefore(row.element, next ?? null);
    }
    this.#hideUnlessMatching(row);
    this.#showCount();
  }

  remove(runId: string): void {
    this.#rows.get(runId)?.element.remove();
    this.#rows.delete(runId);
    this.#showCount();
  }

  /** Lets the durations of runs that go on grow. */
  tick(now: number): void {
    for (const row of this.#rows.values()) {
      if (row.run.endedAt === undefined) {
        row.tick(now);
      }
    }
  }

  /** Flows may have other names than before. */
  rename(): void {
    const now = Date.now();
    for (const row of this.#rows.values()) {
      row.show(row.run, now);
    }
    this.filter();
  }

  filter(): void {
    for (const row of this.#rows.values()) {
      this.#hideUnlessMatching(row);
    }
    this.#showCount();
  }

  /** Says in place of the count why there is no list. */
  fail(reason: string): void {
    setText(this.#count, reason);
  }

  focus(runId?: string): void {
    const row = runId === undefined ? undefined : this.#rows.get(runId);
    if (row) {
      row.focus();
    } else {
      this.#search.focus();
    }
  }

  get #filter(): RunFilter {
    return { state: this.#state.value as RunFilter["state"], search: this.#search.value };
  }

  #rowOf(run: RunSummary, now: number): RunRow {
    const known = this.#rows.get(run.runId);
    if (known) {
      known.show(run, now);
      return known;
    }
    const row = new RunRow(run, this.#open);
    this.#rows.set(run.runId, row);
    return row;
  }

  #hideUnlessMatching(row: RunRow): void {
    row.element.hidden = !matches(row.run, row.flowName, this.#filter);
  }

  #showCount(): void {
    const all = this.#rows.size;
    const shown = [...this.#rows.values()].filter((row) => !row.element.hidden).length;
    if (all === 0) {
      setText(this.#count, text("list.none"));
    } else {
      setText(this.#count, shown === all ? text("list.count", { number: all }) : text("list.some", { shown, all }));
    }
  }

  #move(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step === undefined) {
      return;
    }
    const visible = [...this.#list.querySelectorAll<HTMLElement>("li:not([hidden]) > button")];
    const at = visible.indexOf(document.activeElement as HTMLElement);
    visible[Math.max(0, Math.min(visible.length - 1, at + step))]?.focus();
    event.preventDefault();
  }
}
