import type { RunSummary } from "../runs/records/run-summary.ts";
import { RunList } from "./list/run-list.ts";
import { RunPage } from "./page/run-page.ts";
import { element } from "./parts/dom.ts";
import { editor, text } from "./parts/editor.ts";
import { fetchPlaces, fetchSummaries, type Place } from "./parts/requests.ts";

/** What the runtime tells of runs: how they stand now, and which ones are forgotten. */
interface RunNews {
  readonly changed: readonly RunSummary[];
  readonly gone: readonly string[];
}

const TOPIC = "lightly-aws/runs";
/** How often durations and bars of what goes on grow. */
const TICK_MS = 1000;

/** The list of runs or the page of one, whichever is open. Live: what the runtime tells is shown at once. */
export class RunsPanel {
  readonly element = element("div", { class: "lightly-runs" });
  readonly #list = new RunList((runId) => void this.open(runId));
  #places: Readonly<Record<string, Place>> = {};
  #page: RunPage | undefined;
  #isFetching = false;
  #heard: RunNews[] = [];

  constructor() {
    this.element.append(this.#list.element);
  }

  /** Begins to listen. After each reconnect all is read again: nobody knows what was missed. */
  start(): void {
    editor.comms.subscribe(TOPIC, (_topic, news) => this.#hear(news as RunNews));
    editor.comms.on("connect", () => void this.refresh());
    for (const event of ["flows:add", "flows:change", "deploy", "workspace:dirty"]) {
      editor.events.on(event, () => this.#list.rename());
    }
    setInterval(() => this.#tick(), TICK_MS);
    void this.refresh();
  }

  /** Shows the page of a run. */
  async open(runId: string): Promise<void> {
    const page = new RunPage({
      runId,
      places: this.#places,
      back: () => this.#showList(runId),
      acted: (action, run) => {
        // A run that is started again is another one.
        if (action === "again") {
          void this.open(run.runId);
        } else {
          page.show(run);
        }
      },
    });
    this.#page?.destroy();
    this.#page = page;
    this.element.replaceChildren(page.element);
    page.focus();
    await page.refresh();
  }

  /** Reads all that is shown again. */
  async refresh(): Promise<void> {
    if (this.#isFetching) {
      return;
    }
    this.#isFetching = true;
    try {
      const [runs, places] = await Promise.all([fetchSummaries(), fetchPlaces()]);
      this.#places = places;
      this.#list.set(runs);
    } catch (error) {
      this.#list.fail(text("unreachable", { reason: error instanceof Error ? error.message : String(error) }));
    } finally {
      this.#isFetching = false;
      // Told while the answer was on its way: it may be newer.
      for (const news of this.#heard.splice(0)) {
        this.#apply(news);
      }
    }
    await this.#page?.refresh();
  }

  #hear(news: RunNews): void {
    if (this.#isFetching) {
      this.#heard.push(news);
    } else {
      this.#apply(news);
    }
  }

  #apply({ changed, gone }: RunNews): void {
    this.#list.update(changed, gone);
    const isShown = (runId: string): boolean => runId === this.#page?.runId;
    if (changed.some(({ runId }) => isShown(runId)) || gone.some(isShown)) {
      void this.#page?.refresh();
    }
  }

  #showList(runId: string): void {
    this.#page?.destroy();
    this.#page = undefined;
    this.element.replaceChildren(this.#list.element);
    this.#list.focus(runId);
  }

  #tick(): void {
    if (this.element.checkVisibility()) {
      const now = Date.now();
      this.#list.tick(now);
      this.#page?.tick(now);
    }
  }
}
