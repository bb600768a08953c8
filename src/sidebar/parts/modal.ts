import { text } from "../host/host.ts";
import { button, element } from "./dom.ts";

/** A modal dialog, which is removed when it is closed. The browser keeps the focus in it, and closes it by Escape. */
export function openModal(title: string, className: string, ...content: readonly HTMLElement[]): HTMLDialogElement {
  const heading = element("h2", {}, title);
  heading.id = "lightly-runs-modal-title";
  const dialog = element(
    "dialog",
    { class: `lightly-runs-modal ${className}`, "aria-labelledby": heading.id },
    heading,
    ...content,
  );
  dialog.addEventListener("close", () => dialog.remove());
  // Inside, for the colors of the page.
  (document.querySelector(".lightly-runs") ?? document.body).append(dialog);
  dialog.showModal();
  return dialog;
}

/** Asks the user a question, and resolves with whether the answer is yes. */
export function confirm(question: string, yes: string, iconName: string): Promise<boolean> {
  return new Promise((done) => {
    const agree = button(iconName, yes, () => dialog.close("yes"));
    agree.classList.add("primary");
    const cancel = button("undo", text("action.cancel"), () => dialog.close());
    const dialog = openModal(
      question,
      "lightly-runs-confirm",
      element("div", { class: "lightly-runs-buttons" }, agree, cancel),
    );
    dialog.addEventListener("close", () => done(dialog.returnValue === "yes"));
    cancel.focus();
  });
}
