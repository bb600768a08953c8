import { RunList } from "./list/run-list.ts";
import { RunPage } from "./page/run-page.ts";
import { element } from "./parts/dom.ts";
import { editor, text } from "./parts/editor.ts";
import { fetchNews, fetchPlaces, type Place, RequestError, type RunNews } from "./parts/requests.ts";

/** On which the runtime tells that runs have changed; which ones is asked. */
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
  #isStale = false;
  /** Up to which change the list is true; undefined when all is to be read again. */
  #at: number | undefined;
  /** The user may not see runs: nothing is asked until the next connection. */
  #isRefused = false;

  constructor() {
    this.element.append(this.#list.element);
  }

  /** Begins to listen. After each reconnect all is read again: nobody knows what was missed. */
  start(): void {
    editor.comms.subscribe(TOPIC, () => void this.#catchUp());
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
        if (action === "rerun") {
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
    this.#at = undefined;
    this.#isRefused = false;
    await Promise.all([this.#readPlaces(), this.#catchUp()]);
  }

  async #readPlaces(): Promise<void> {
    this.#places = await fetchPlaces().catch(() => this.#places);
  }

  /** Reads what has changed; what changes meanwhile is read once more. */
  async #catchUp(): Promise<void> {
    this.#isStale = true;
    if (this.#isFetching || this.#isRefused) {
      return;
    }
    this.#isFetching = true;
    try {
      while (this.#isStale) {
        this.#isStale = false;
        const asked = this.#at;
        const news = await fetchNews(asked);
        // All may have been asked for meanwhile: then these are not the last ones.
        if (asked === this.#at) {
          this.#apply(news);
        }
      }
    } catch (error) {
      this.#isRefused = error instanceof RequestError && (error.code === "HTTP_401" || error.code === "HTTP_403");
      this.#list.fail(text("unreachable", { reason: error instanceof Error ? error.message : String(error) }));
    } finally {
      this.#isFetching = false;
    }
  }

  #apply({ at, isAll, changed, gone }: RunNews): void {
    this.#at = at;
    if (isAll) {
      this.#list.set(changed);
    } else {
      this.#list.update(changed, gone);
    }
    const isShown = (runId: string): boolean => runId === this.#page?.runId;
    if (isAll || changed.some(({ runId }) => isShown(runId)) || gone.some(isShown)) {
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
