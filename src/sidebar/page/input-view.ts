import { text } from "../host/host.ts";
import { element, setText } from "../parts/dom.ts";
import { fetchInput } from "../parts/requests/requests.ts";
import { JsonView } from "./json-view.ts";

/** The message that a step has received. It may be large, so it is loaded only when it is unfolded. */
export class InputView {
  readonly element = element("details", { class: "lightly-runs-input" });
  readonly #message = new JsonView();
  readonly #notes = element("div", { class: "lightly-runs-faint", role: "status" });
  readonly #stepId: string;

  constructor(stepId: string) {
    this.#stepId = stepId;
    this.element.append(element("summary", {}, text("step.input")), this.#message.element, this.#notes);
    this.element.addEventListener("toggle", () => {
      if (this.element.open) {
        void this.#load();
      }
    });
  }

  async #load(): Promise<void> {
    try {
      const { message, omitted } = await fetchInput(this.#stepId);
      const names = omitted.map(({ path }) => path.join(".") || "…").join(", ");
      this.#message.show(message);
      setText(
        this.#notes,
        message === undefined ? text("step.inputMissing") : names && text("step.omitted", { names }),
      );
    } catch (error) {
      setText(this.#notes, text("unreachable", { reason: error instanceof Error ? error.message : String(error) }));
    }
  }
}
