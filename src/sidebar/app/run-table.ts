import type { RunSummary } from "../../records/run-summary.ts";
import { host, text } from "../host/host.ts";
import { matches, newestFirst, type RunFilter } from "../list/run-filter.ts";
import { button, element, setText } from "../parts/dom.ts";
import { namesOf } from "../parts/texts/run-names.ts";
import { BulkBar } from "./bulk-bar.ts";
import { FilterBar } from "./filter-bar.ts";
import { TableRow } from "./table-row.ts";

const COLUMNS = ["state", "flow", "trigger", "start", "duration", "steps", "frames", "note"] as const;
/** The number of rows that are drawn at first, and added whenever the user scrolls to the end. */
const PAGE = 100;
const NEAR_END_PX = 300;

/** All runs as a table, the newest first, with filters and with actions for several runs. */
export class RunTable {
  readonly element = element("main", { class: "lightly-page-list" });
  readonly #filter = new FilterBar(() => {
    this.#filtered();
    this.#onFilter();
  });
  readonly #bulk: BulkBar;
  readonly #body = element("tbody");
  readonly #all = element("input", { type: "checkbox", "aria-label": text("table.selectAll") });
  readonly #scrolled = element("div", { class: "lightly-page-scrolled" });
  readonly #none = element("p", { class: "lightly-page-none" });
  readonly #more = button("angle-double-down", text("list.more"), () => this.#showMore());
  readonly #rows = new Map<string, TableRow>();
  readonly #selected = new Set<string>();
  readonly #onFilter: () => void;
  #runs: readonly RunSummary[] = [];
  #limit = PAGE;

  /** @param onFilter - called when the user has changed the filter */
  constructor(onFilter: () => void) {
    this.#onFilter = onFilter;
    this.#bulk = new BulkBar({
      done: () => this.#select([]),
    });
    const heads = COLUMNS.map((column) =>
      element("th", { scope: "col", class: `lightly-page-${column}` }, text(`table.${column}`)),
    );
    const select = element("th", { scope: "col", class: "lightly-page-select" }, this.#all);
    const table = element(
      "table",
      { class: "lightly-page-table" },
      element("thead", {}, element("tr", {}, ...(host().canWrite() ? [select] : []), ...heads)),
      this.#body,
    );
    table.setAttribute("aria-label", text("title"));
    this.#scrolled.append(table, this.#none, this.#more);
    this.element.append(this.#filter.element, this.#bulk.element, this.#scrolled);
    this.#all.addEventListener("change", () =>
      this.#select(this.#all.checked ? this.#matching().map(({ runId }) => runId) : []),
    );
    this.#scrolled.addEventListener("scroll", () => {
      const { scrollTop, scrollHeight, clientHeight } = this.#scrolled;
      if (!this.#more.hidden && scrollTop + clientHeight > scrollHeight - NEAR_END_PX) {
        this.#showMore();
      }
    });
  }

  get filter(): RunFilter {
    return this.#filter.value;
  }

  set filter(filter: RunFilter) {
    this.#filter.value = filter;
    this.#filtered();
  }

  /** Replaces all runs. */
  set(runs: readonly RunSummary[]): void {
    this.#runs = runs.toSorted(newestFirst);
    this.#filter.setFlows(this.#runs.map((run) => namesOf(run).flow));
    this.#draw();
  }

  /** Adds or replaces the changed runs and drops the removed ones. */
  update(changed: readonly RunSummary[], removed: readonly string[]): void {
    const outdated = new Set([...removed, ...changed.map(({ runId }) => runId)]);
    this.set([...this.#runs.filter(({ runId }) => !outdated.has(runId)), ...changed]);
  }

  /** Updates the durations of running runs. */
  tick(now: number): void {
    for (const row of this.#rows.values()) {
      row.tick(now);
    }
  }

  focus(runId: string | undefined): void {
    const row = runId === undefined ? undefined : this.#rows.get(runId);
    if (row) {
      row.focus();
    } else {
      this.#filter.focus();
    }
  }

  #matching(): RunSummary[] {
    const { filter } = this;
    return this.#runs.filter((run) => matches(run, () => namesOf(run), filter));
  }

  #filtered(): void {
    this.#limit = PAGE;
    this.#scrolled.scrollTop = 0;
    // What is not shown must not be deleted.
    const shown = new Set(this.#matching().map(({ runId }) => runId));
    this.#select([...this.#selected].filter((runId) => shown.has(runId)));
  }

  #showMore(): void {
    this.#limit += PAGE;
    this.#draw();
  }

  #select(runIds: readonly string[]): void {
    this.#selected.clear();
    for (const runId of runIds) {
      this.#selected.add(runId);
    }
    this.#draw();
  }

  #draw(): void {
    const matching = this.#matching();
    const now = Date.now();
    const rows = matching.slice(0, this.#limit).map((run) => this.#rowOf(run, now));
    const wanted = new Set(rows);
    for (const [runId, row] of this.#rows) {
      if (!wanted.has(row)) {
        row.element.remove();
        this.#rows.delete(runId);
      }
    }
    // Rows in the right position are left untouched, because moving an element removes its focus.
    for (const [index, { element: one }] of rows.entries()) {
      if (this.#body.children[index] !== one) {
        this.#body.insertBefore(one, this.#body.children[index] ?? null);
      }
    }
    const known = new Set(this.#runs.map(({ runId }) => runId));
    for (const runId of [...this.#selected].filter((id) => !known.has(id))) {
      this.#selected.delete(runId);
    }
    this.#more.hidden = matching.length === rows.length;
    this.#none.hidden = matching.length > 0;
    setText(this.#none, text(this.#runs.length === 0 ? "list.none" : "table.noMatch"));
    const all = this.#runs.length;
    this.#filter.count(
      matching.length === all
        ? text("list.count", { number: all })
        : text("list.some", { shown: matching.length, all }),
    );
    this.#showSelection(matching.length);
  }

  #showSelection(matching: number): void {
    this.#all.checked = matching > 0 && this.#selected.size === matching;
    this.#all.indeterminate = this.#selected.size > 0 && this.#selected.size < matching;
    for (const [runId, row] of this.#rows) {
      row.select(this.#selected.has(runId));
    }
    this.#bulk.show(this.#runs.filter(({ runId }) => this.#selected.has(runId)));
  }

  #rowOf(run: RunSummary, now: number): TableRow {
    const known = this.#rows.get(run.runId);
    const row =
      known ??
      new TableRow(run.runId, (isSelected) => {
        const others = [...this.#selected].filter((id) => id !== run.runId);
        this.#select(isSelected ? [...others, run.runId] : others);
      });
    this.#rows.set(run.runId, row);
    row.show(run, now);
    return row;
  }
}
