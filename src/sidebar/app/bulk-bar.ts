import type { RunSummary } from "../../records/run-summary.ts";
import { host, text } from "../host/host.ts";
import { reasonOf } from "../host/request-error.ts";
import { button, element, setText } from "../parts/dom.ts";
import { confirm } from "../parts/modal.ts";
import { act, deleteRun } from "../parts/requests/requests.ts";

/** Actions for the runs that are selected in the table: abort those that run, delete those that are over. */
export class BulkBar {
  readonly element = element("div", { class: "lightly-page-bulk", role: "group", "aria-label": text("bulk.title") });
  readonly #count = element("span", { role: "status" });
  readonly #abort = button("stop", text("action.abort"), () => void this.#abortAll());
  readonly #delete = button("trash", text("action.delete"), () => void this.#deleteAll());
  readonly #failure = element("div", { class: "lightly-runs-error", role: "alert" });
  readonly #done: () => void;
  #runs: readonly RunSummary[] = [];

  /** @param done - called when all actions have succeeded */
  constructor({ done }: { readonly done: () => void }) {
    this.#done = done;
    this.#failure.hidden = true;
    this.element.append(
      this.#count,
      this.#abort,
      this.#delete,
      button("times", text("bulk.clear"), done),
      this.#failure,
    );
    this.element.hidden = true;
  }

  show(runs: readonly RunSummary[]): void {
    this.#runs = runs;
    this.element.hidden = runs.length === 0 || !host().canWrite();
    setText(this.#count, text("bulk.count", { number: runs.length }));
    this.#offer(this.#abort, runs.some(isOpen), "blocked.ended");
    this.#offer(
      this.#delete,
      runs.some((run) => !isOpen(run)),
      "blocked.active",
    );
    if (runs.length === 0) {
      this.#failure.hidden = true;
    }
  }

  #offer(one: HTMLButtonElement, isPossible: boolean, why: string): void {
    one.disabled = !isPossible;
    one.title = isPossible ? "" : text(why);
  }

  async #abortAll(): Promise<void> {
    const runs = this.#runs.filter(isOpen);
    if (await confirm(text("bulk.abortAsk", { number: runs.length }), text("action.abort"), "stop")) {
      await this.#forEach(runs, ({ runId }) => act(runId, "abort"));
    }
  }

  async #deleteAll(): Promise<void> {
    const runs = this.#runs.filter((run) => !isOpen(run));
    if (await confirm(text("bulk.deleteAsk", { number: runs.length }), text("action.delete"), "trash")) {
      await this.#forEach(runs, ({ runId }) => deleteRun(runId));
    }
  }

  /** One after the other; the first failure ends it, and is shown. */
  async #forEach(runs: readonly RunSummary[], work: (run: RunSummary) => Promise<unknown>): Promise<void> {
    this.#failure.hidden = true;
    try {
      for (const run of runs) {
        await work(run);
      }
      this.#done();
    } catch (error) {
      this.#failure.hidden = false;
      setText(this.#failure, reasonOf(error));
    }
  }
}

function isOpen({ state, endedAt }: RunSummary): boolean {
  return endedAt === undefined || state === "running" || state === "interrupted";
}
