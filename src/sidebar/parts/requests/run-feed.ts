import type { RunSummary } from "../../../records/run-summary.ts";
import { text } from "../../host/host.ts";
import { RequestError, reasonOf } from "../../host/request-error.ts";
import { type AccountPages, fetchAccounts, fetchChanges, type RunChanges } from "./requests.ts";

export interface RunFeedListener {
  /** The list of all runs was loaded again. */
  replace(runs: readonly RunSummary[]): void;
  /** Some runs have changed, others were removed. */
  update(changed: readonly RunSummary[], removed: readonly string[]): void;
  /** The runs can't be read now. */
  fail(reason: string, error: unknown): void;
}

/** Reads which runs have changed. It reads again if runs have changed in the meantime, and never twice at the same time. */
export class RunFeed {
  readonly #listener: RunFeedListener;
  #accounts: Readonly<Record<string, AccountPages>> = {};
  #isFetching = false;
  #isStale = false;
  /** The last change that is known; undefined if all runs have to be read. */
  #cursor: number | undefined;
  /** The user may not read runs: nothing is requested until the next refresh. */
  #isRefused = false;

  constructor(listener: RunFeedListener) {
    this.#listener = listener;
  }

  /** The web consoles of all accounts, by node id. */
  get accounts(): Readonly<Record<string, AccountPages>> {
    return this.#accounts;
  }

  /** Reads everything again. */
  async refresh(): Promise<void> {
    this.#cursor = undefined;
    this.#isRefused = false;
    await Promise.all([this.#readAccounts(), this.read()]);
  }

  /** Reads the changes since the last time. */
  async read(): Promise<void> {
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
      this.#isRefused = error instanceof RequestError && error.isRefused;
      this.#listener.fail(text("unreachable", { reason: reasonOf(error) }), error);
    } finally {
      this.#isFetching = false;
    }
  }

  async #readAccounts(): Promise<void> {
    this.#accounts = await fetchAccounts().catch(() => this.#accounts);
  }

  #apply({ cursor, isFull, changed, removed }: RunChanges): void {
    this.#cursor = cursor;
    if (isFull) {
      this.#listener.replace(changed);
    } else {
      this.#listener.update(changed, removed);
    }
  }
}
