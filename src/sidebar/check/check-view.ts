import { button, element, icon } from "../parts/dom.ts";
import { checkEditor, openFlow, requestCheck, text } from "./editor-api.ts";
import { reportView } from "./report-view.ts";

/** The report about a flow, in the place of the list of runs. */
export class CheckView {
  readonly element = element("section", { class: "lightly-check" });
  readonly #title = element("h2", { tabindex: "-1" });
  readonly #again = button("refresh", text("again"), () => void this.check());
  readonly #content = element("div", { class: "lightly-check-content", "aria-live": "polite" });

  /** @param back - shows the runs again */
  constructor(back: () => void) {
    const close = button("chevron-left", text("back"), back);
    this.element.append(
      element("div", { class: "lightly-check-head" }, close, this.#again),
      this.#title,
      this.#content,
    );
  }

  /** Checks the open flow, and shows the report. */
  async check(): Promise<void> {
    const { id, name } = openFlow();
    this.#title.textContent = text("title", { flow: name });
    this.#title.focus();
    this.#again.disabled = true;
    const busy = element("div", { class: "lightly-check-summary" }, icon("spinner fa-pulse"), " ", text("busy"));
    this.#content.replaceChildren(busy);
    try {
      const report = await requestCheck(id);
      const note = checkEditor.nodes.dirty() ? [element("div", { class: "lightly-check-note" }, text("deployed"))] : [];
      this.#content.replaceChildren(...note, ...reportView(report));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#content.replaceChildren(
        element("div", { class: "lightly-check-summary", "data-status": "problem" }, reason),
      );
    } finally {
      this.#again.disabled = false;
    }
  }
}
