import { text } from "../host/host.ts";
import type { RunFilter } from "../list/run-filter.ts";
import { element, setText } from "../parts/dom.ts";

const STATES: readonly RunFilter["state"][] = ["all", "running", "completed", "failed", "aborted", "interrupted"];

/** Filters of the table: words, flow, state and days. */
export class FilterBar {
  readonly element = element("div", { class: "lightly-page-filter", role: "search" });
  readonly #search = element("input", { type: "search", "aria-label": text("list.search") });
  readonly #flow = element("select", { "aria-label": text("table.flow") });
  readonly #state = element("select", { "aria-label": text("list.state") });
  readonly #from = element("input", { type: "date" });
  readonly #to = element("input", { type: "date" });
  readonly #count = element("span", { class: "lightly-page-count", role: "status" });
  #flows: readonly string[] = [];

  constructor(changed: () => void) {
    this.#search.placeholder = text("list.search");
    this.#state.append(...STATES.map((state) => element("option", { value: state }, text(`filter.${state}`))));
    const dates = [
      element("label", {}, text("filter.from"), this.#from),
      element("label", {}, text("filter.to"), this.#to),
    ];
    this.element.append(this.#search, this.#flow, this.#state, ...dates, this.#count);
    for (const field of [this.#search, this.#flow, this.#state, this.#from, this.#to]) {
      field.addEventListener("input", changed);
    }
    this.setFlows([]);
  }

  get value(): RunFilter {
    return {
      state: this.#state.value as RunFilter["state"],
      search: this.#search.value,
      flow: this.#flow.value,
      from: this.#from.value,
      to: this.#to.value,
    };
  }

  /** A value that a field does not offer is ignored. */
  set value({ state, search, flow = "", from = "", to = "" }: RunFilter) {
    this.#search.value = search;
    this.#state.value = STATES.includes(state) ? state : "all";
    this.#flow.value = this.#flows.includes(flow) ? flow : "";
    this.#from.value = from;
    this.#to.value = to;
  }

  /** Offers the flows of all runs. */
  setFlows(names: readonly string[]): void {
    const flows = [...new Set(names)].filter(Boolean).toSorted((a, b) => a.localeCompare(b));
    if (flows.join("\n") === this.#flows.join("\n") && this.#flow.childElementCount > 0) {
      return;
    }
    this.#flows = flows;
    const { value } = this.#flow;
    this.#flow.replaceChildren(
      element("option", { value: "" }, text("filter.allFlows")),
      ...flows.map((flow) => element("option", { value: flow }, flow)),
    );
    this.#flow.value = flows.includes(value) ? value : "";
  }

  count(words: string): void {
    setText(this.#count, words);
  }

  focus(): void {
    this.#search.focus();
  }
}
