import { button, element } from "../parts/dom.ts";
import { CheckView } from "./check-view.ts";
import { text } from "./editor-api.ts";

/**
 * Adds the check of the open flow to the Runs panel: a button beside the number of runs, and its report in the place of the panel.
 *
 * @param panel - the panel with its list of runs
 * @returns the panel and the report, of which one is shown
 */
export function withCheck(panel: HTMLElement): HTMLElement {
  const view = new CheckView(() => {
    view.element.hidden = true;
    panel.hidden = false;
    start.focus();
  });
  view.element.hidden = true;
  const start = button("stethoscope", text("button"), () => {
    panel.hidden = true;
    view.element.hidden = false;
    void view.check();
  });
  start.classList.add("lightly-check-start");
  const count = panel.querySelector(".lightly-runs-count");
  const bar = element("div", { class: "lightly-check-bar" });
  count?.replaceWith(bar);
  bar.append(...(count ? [count] : []), start);
  return element("div", { class: "lightly-check-host" }, panel, view.element);
}
