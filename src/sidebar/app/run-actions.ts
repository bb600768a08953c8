import type { RunRecord } from "../../records/run-record.ts";
import { text } from "../host/host.ts";
import { reasonOf } from "../host/request-error.ts";
import { ActionBar } from "../page/action-bar.ts";
import { button } from "../parts/dom.ts";
import { confirm } from "../parts/modal.ts";
import { deleteRun, type RunAction, type ShownRun } from "../parts/requests/requests.ts";
import { openRerunDialog } from "./rerun-dialog.ts";

interface RunActionsOptions {
  readonly runId: string;
  /** Opens another run; without an id, all runs. */
  readonly open: (runId: string | undefined) => void;
  /** The run was changed by an action. */
  readonly onChange: () => void;
}

/** The actions of a run on the full page: those of the panel, rerun with other inputs, and delete. */
export class RunActions {
  readonly #options: RunActionsOptions;
  readonly #bar: ActionBar;
  readonly #edit = button("pencil", text("action.edit"), () => void this.#editInputs());
  readonly #delete = button("trash", text("action.delete"), () => void this.#deleteRun());
  #run: ShownRun | undefined;

  constructor(options: RunActionsOptions) {
    this.#options = options;
    this.#bar = new ActionBar({ runId: options.runId, acted: (action, run) => this.#acted(action, run) });
    this.#bar.buttons.append(this.#edit, this.#delete);
  }

  get element(): HTMLElement {
    return this.#bar.element;
  }

  show(run: ShownRun): void {
    this.#run = run;
    this.#bar.show(run);
    for (const [one, reason] of [
      [this.#edit, run.blocked.rerun],
      [this.#delete, run.blocked.delete],
    ] as const) {
      one.setAttribute("aria-disabled", String(reason !== undefined));
      one.title = reason === undefined ? "" : text(`blocked.${reason}`);
    }
  }

  #acted(action: RunAction, run: RunRecord): void {
    if (action === "rerun") {
      this.#options.open(run.runId);
    } else {
      this.#options.onChange();
    }
  }

  async #editInputs(): Promise<void> {
    if (this.#run && this.#run.blocked.rerun === undefined) {
      await openRerunDialog(this.#run, (run) => this.#options.open(run.runId)).catch((error: unknown) =>
        this.#bar.fail(reasonOf(error)),
      );
    }
  }

  async #deleteRun(): Promise<void> {
    if (this.#run?.blocked.delete !== undefined) {
      return;
    }
    if (await confirm(text("bulk.deleteAsk", { number: 1 }), text("action.delete"), "trash")) {
      try {
        await deleteRun(this.#options.runId);
        this.#options.open(undefined);
      } catch (error) {
        this.#bar.fail(reasonOf(error));
      }
    }
  }
}
