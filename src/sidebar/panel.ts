import type { RunSummary } from "../records/run-summary.ts";
import { NodeStatuses } from "./canvas/node-statuses.ts";
import { editor } from "./host/editor.ts";
import { RunListView } from "./list/run-list-view.ts";
import { element } from "./parts/dom.ts";
import { RunFeed } from "./parts/requests/run-feed.ts";
import { SummaryView } from "./summary/summary-view.ts";

/** The runtime publishes here that runs have changed; the panel then requests the changes. */
const TOPIC = "lightly-aws/runs";
/** How often the durations and bars of running steps are updated. */
const TICK_MS = 1000;

/** The Runs panel: the list of runs, or the summary of one. Updates itself when runs change. */
export class RunsPanel {
  readonly element = element("div", { class: "lightly-runs" });
  readonly #list = new RunListView((runId) => void this.open(runId));
  readonly #feed: RunFeed;
  readonly #statuses = new NodeStatuses();
  #run: SummaryView | undefined;

  constructor() {
    this.element.append(this.#list.element);
    this.#feed = new RunFeed({
      replace: (runs) => {
        this.#list.set(runs);
        void this.#run?.refresh();
      },
      update: (changed, removed) => this.#update(changed, removed),
      fail: (reason) => this.#list.fail(reason),
    });
  }

  /** Subscribes to changes. After each reconnect, all runs are read again, because changes may have been missed. */
  start(): void {
    editor.comms.subscribe(TOPIC, () => void this.#feed.read());
    editor.comms.on("connect", () => void this.refresh());
    for (const event of ["flows:add", "flows:change", "deploy", "workspace:dirty"]) {
      editor.events.on(event, () => this.#list.updateNames());
    }
    // A deploy may have deleted or restored the nodes of the run.
    editor.events.on("deploy", () => void this.#run?.refresh());
    this.#statuses.start();
    setInterval(() => this.#tick(), TICK_MS);
    void this.refresh();
  }

  /** Shows a run. */
  async open(runId: string): Promise<void> {
    const view = new SummaryView({
      runId,
      back: () => this.#showList(runId),
      acted: (action, run) => void (action === "rerun" ? this.open(run.runId) : view.refresh()),
      shown: (run) => {
        if (this.#run === view) {
          this.#statuses.show(run);
        }
      },
    });
    this.#run = view;
    this.element.replaceChildren(view.element);
    view.focus();
    await view.refresh();
  }

  /** Reads everything again. */
  async refresh(): Promise<void> {
    await this.#feed.refresh();
  }

  #update(changed: readonly RunSummary[], removed: readonly string[]): void {
    this.#list.update(changed, removed);
    const runId = this.#run?.runId;
    if (runId !== undefined && (removed.includes(runId) || changed.some((run) => run.runId === runId))) {
      void this.#run?.refresh();
    }
  }

  #showList(runId: string): void {
    this.#run = undefined;
    this.#statuses.restore();
    this.element.replaceChildren(this.#list.element);
    this.#list.focus(runId);
  }

  #tick(): void {
    if (this.element.checkVisibility()) {
      const now = Date.now();
      this.#list.tick(now);
      this.#run?.tick(now);
    }
  }
}
