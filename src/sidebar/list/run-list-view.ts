import { ownEntry } from "../../errors/own-entry.ts";
import type { RunSummary } from "../../records/run-summary.ts";
import { text } from "../host/host.ts";
import { button, element, setText } from "../parts/dom.ts";
import { pageLink } from "../parts/page-link.ts";
import { namesOf } from "../parts/texts/run-names.ts";
import { matches, newestFirst, type RunFilter } from "./run-filter.ts";
import { RunRow } from "./run-row.ts";

const STATES: readonly RunFilter["state"][] = ["all", "running", "completed", "failed", "aborted", "interrupted"];
/** The number of rows that are drawn at first, and added whenever the user scrolls to the end. */
const PAGE = 100;
const NEAR_END_PX = 300;

/** All runs, the newest first. Rows are drawn as the user scrolls, and a changed run redraws only its own row. */
export class RunListView {
  readonly element = element("div", { class: "lightly-runs-page" });
  readonly #rows = new Map<string, RunRow>();
  readonly #open: (runId: string) => void;
  readonly #list = element("ul", { class: "lightly-runs-list" });
  readonly #scrolled = element("div", { class: "lightly-runs-scrolled" });
  readonly #more = button("angle-double-down", text("list.more"), () => this.#showMore());
  readonly #count = element("div", { class: "lightly-runs-count", role: "status" });
  readonly #state = element("select", { "aria-label": text("list.state") });
  readonly #search = element("input", { type: "search", "aria-label": text("list.search") });
  /** All runs, in order. */
  #runs: readonly RunSummary[] = [];
  #limit = PAGE;

  constructor(open: (runId: string) => void) {
    this.#open = open;
    this.#state.append(...STATES.map((state) => element("option", { value: state }, text(`filter.${state}`))));
    this.#search.placeholder = text("list.search");
    this.#list.setAttribute("aria-label", text("title"));
    this.#scrolled.append(this.#list, this.#more);
    this.element.append(
      element("div", { class: "lightly-runs-filter" }, this.#state, this.#search, pageLink({})),
      this.#count,
      this.#scrolled,
    );
    this.#state.addEventListener("change", () => this.#filter());
    this.#search.addEventListener("input", () => this.#filter());
    this.#list.addEventListener("keydown", (event) => this.#move(event));
    this.#scrolled.addEventListener("scroll", () => {
      const { scrollTop, scrollHeight, clientHeight } = this.#scrolled;
      if (!this.#more.hidden && scrollTop + clientHeight > scrollHeight - NEAR_END_PX) {
        this.#showMore();
      }
    });
    this.#draw();
  }

  /** Replaces all runs. */
  set(runs: readonly RunSummary[]): void {
    this.#runs = runs.toSorted(newestFirst);
    this.#draw();
  }

  /** Adds or replaces the changed runs and drops the removed ones. */
  update(changed: readonly RunSummary[], removed: readonly string[] = []): void {
    const outdated = new Set([...removed, ...changed.map(({ runId }) => runId)]);
    this.set([...this.#runs.filter(({ runId }) => !outdated.has(runId)), ...changed]);
  }

  /** Updates the durations of running runs. */
  tick(now: number): void {
    for (const row of this.#rows.values()) {
      row.tick(now);
    }
  }

  /** Updates the names of flows and nodes. */
  updateNames(): void {
    const now = Date.now();
    for (const row of this.#rows.values()) {
      row.show(row.run, now);
    }
    this.#draw();
  }

  /** Shows the reason of a failure instead of the count. */
  fail(reason: string): void {
    setText(this.#count, reason);
  }

  focus(runId: string): void {
    const row = this.#rows.get(runId);
    if (row?.element.isConnected) {
      row.focus();
    } else {
      this.#search.focus();
    }
  }

  #filter(): void {
    this.#limit = PAGE;
    this.#scrolled.scrollTop = 0;
    this.#draw();
  }

  #showMore(): void {
    this.#limit += PAGE;
    this.#draw();
  }

  #draw(): void {
    const filter: RunFilter = { state: this.#state.value as RunFilter["state"], search: this.#search.value };
    const matching = this.#runs.filter((run) => matches(run, () => namesOf(run), filter));
    const shown = matching.slice(0, this.#limit);
    const now = Date.now();
    const elements = shown.map((run) => this.#rowOf(run, now).element);
    this.#put(elements);
    const ids = new Set(shown.map(({ runId }) => runId));
    for (const runId of [...this.#rows.keys()].filter((id) => !ids.has(id))) {
      this.#rows.delete(runId);
    }
    this.#more.hidden = matching.length === shown.length;
    this.#showCount(matching.length);
  }

  #rowOf(run: RunSummary, now: number): RunRow {
    const existing = this.#rows.get(run.runId);
    if (existing) {
      if (existing.run !== run) {
        existing.show(run, now);
      }
      return existing;
    }
    const row = new RunRow(run, this.#open);
    this.#rows.set(run.runId, row);
    return row;
  }

  /** Leaves rows that are in the right position untouched, because moving an element removes its focus. */
  #put(elements: readonly HTMLElement[]): void {
    const wanted = new Set(elements);
    for (const old of [...this.#list.children].filter((one) => !wanted.has(one as HTMLElement))) {
      old.remove();
    }
    for (const [index, one] of elements.entries()) {
      const current = this.#list.children[index];
      if (current !== one) {
        this.#list.insertBefore(one, current ?? null);
      }
    }
  }

  #showCount(matching: number): void {
    const all = this.#runs.length;
    if (all === 0) {
      setText(this.#count, text("list.none"));
    } else {
      const some = text("list.some", { shown: matching, all });
      setText(this.#count, matching === all ? text("list.count", { number: all }) : some);
    }
  }

  #move(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };
    const step = ownEntry(steps, event.key);
    if (step === undefined) {
      return;
    }
    const buttons = [...this.#list.querySelectorAll<HTMLElement>("li > button")];
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    buttons[Math.max(0, Math.min(buttons.length - 1, at + step))]?.focus();
    event.preventDefault();
  }
}
