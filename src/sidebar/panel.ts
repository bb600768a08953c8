import { RunList } from "./list/run-list.ts";
import { RunPage } from "./page/run-page.ts";
import { element } from "./parts/dom.ts";
import { editor, text } from "./parts/editor.ts";
import { type AccountPages, fetchAccounts, fetchChanges, RequestError, type RunChanges } from "./parts/requests.ts";

/** The runtime publishes here that runs have changed; the panel then requests the changes. */
const TOPIC = "lightly-aws/runs";
/** How often the durations and bars of running steps are updated. */
const TICK_MS = 1000;

/** The Runs panel: the list of runs, or the page of one. Updates itself when runs change. */
export class RunsPanel {
  readonly element = element("div", { class: "lightly-runs" });
  readonly #list = new RunList((runId) => void this.open(runId));
  #accounts: Readonly<Record<string, AccountPages>> = {};
  #page: RunPage | undefined;
  #isFetching = false;
  #isStale = false;
  /** The last change that the list contains; undefined if all runs have to be read. */
  #cursor: number | undefined;
  /** The user has no permission to read runs: the panel requests nothing until the next connection. */
  #isRefused = false;

  constructor() {
    this.element.append(this.#list.element);
  }

  /** Subscribes to changes. After each reconnect, all runs are read again, because changes may have been missed. */
  start(): void {
    editor.comms.subscribe(TOPIC, () => void this.#readChanges());
    editor.comms.on("connect", () => void this.refresh());
    for (const event of ["flows:add", "flows:change", "deploy", "workspace:dirty"]) {
      editor.events.on(event, () => this.#list.updateNames());
    }
    setInterval(() => this.#tick(), TICK_MS);
    void this.refresh();
  }

  /** Shows the page of a run. */
  async open(runId: string): Promise<void> {
    const page = new RunPage({
      runId,
      accounts: this.#accounts,
      back: () => this.#showList(runId),
      acted: (action, run) => {
        // A rerun is a new run.
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

  /** Reads everything again. */
  async refresh(): Promise<void> {
    this.#cursor = undefined;
    this.#isRefused = false;
    await Promise.all([this.#readAccounts(), this.#readChanges()]);
  }

  async #readAccounts(): Promise<void> {
    this.#accounts = await fetchAccounts().catch(() => this.#accounts);
  }

  /** Reads the changes, and reads again if runs have changed in the meantime. */
  async #readChanges(): Promise<void> {
    this.#isStale = true;
    if (this.#isFetching || this.#isRefused) {
      return;
    }
    this.#isFetching = true;
    try {
      while (this.#isStale) {
        this.#isStale = false;
        const since = this.#cursor;
        const changes = await fetchChanges(since);
        // After a refresh in the meantime, these changes are outdated.
        if (since === this.#cursor) {
          this.#apply(changes);
        }
      }
    } catch (error) {
      this.#isRefused = error instanceof RequestError && (error.code === "HTTP_401" || error.code === "HTTP_403");
      this.#list.fail(text("unreachable", { reason: error instanceof Error ? error.message : String(error) }));
    } finally {
      this.#isFetching = false;
    }
  }

  #apply({ cursor, isFull, changed, removed }: RunChanges): void {
    this.#cursor = cursor;
    if (isFull) {
      this.#list.set(changed);
    } else {
      this.#list.update(changed, removed);
    }
    const isShown = (runId: string): boolean => runId === this.#page?.runId;
    if (isFull || changed.some(({ runId }) => isShown(runId)) || removed.some(isShown)) {
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
