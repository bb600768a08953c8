import { text } from "../../host/host.ts";
import { RequestError, reasonOf } from "../../host/request-error.ts";
import { fetchRun, type ShownRun } from "./requests.ts";

/** Reads one run, and reads it again if it has changed in the meantime. */
export class RunReader {
  readonly #runId: string;
  readonly #show: (run: ShownRun) => void;
  readonly #fail: (reason: string | undefined) => void;
  #isFetching = false;
  #isStale = false;

  /** @param fail - is called with a text for the user, and with undefined after a success */
  constructor(runId: string, show: (run: ShownRun) => void, fail: (reason: string | undefined) => void) {
    this.#runId = runId;
    this.#show = show;
    this.#fail = fail;
  }

  async refresh(): Promise<void> {
    this.#isStale = true;
    if (this.#isFetching) {
      return;
    }
    this.#isFetching = true;
    try {
      while (this.#isStale) {
        this.#isStale = false;
        this.#show(await fetchRun(this.#runId));
      }
      this.#fail(undefined);
    } catch (error) {
      const isRemoved = error instanceof RequestError && error.code === "RUN_NOT_FOUND";
      this.#fail(text(isRemoved ? "run.removed" : "unreachable", { reason: reasonOf(error) }));
    } finally {
      this.#isFetching = false;
    }
  }
}
