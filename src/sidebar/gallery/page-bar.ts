import { text } from "../host/host.ts";
import { button, element, setText } from "../parts/dom.ts";

/** What a bar of pages shows: the numbers of the first and the last shown item, counted from 1. */
export interface ShownPage {
  readonly page: number;
  readonly pages: number;
  readonly from: number;
  readonly to: number;
  readonly total: number;
}

/** Buttons to turn the pages of a long list. Hidden while there is one page. */
export class PageBar {
  readonly element = element("nav", { class: "lightly-page-bar", "aria-label": text("pages.title") });
  readonly #range = element("span");
  readonly #backward: readonly HTMLButtonElement[];
  readonly #forward: readonly HTMLButtonElement[];
  #shown: ShownPage = { page: 0, pages: 1, from: 0, to: 0, total: 0 };

  /**
   * @param turn - called with the page that the user has chosen
   * @param isStatus - whether screen readers read the range aloud when it changes
   */
  constructor(turn: (page: number) => void, { isStatus }: { readonly isStatus: boolean }) {
    const pageButton = (iconName: string, key: string, target: () => number): HTMLButtonElement => {
      const created = button(iconName, "", () => {
        turn(target());
        this.#keepFocus(created);
      });
      created.title = text(`pages.${key}`);
      created.setAttribute("aria-label", created.title);
      return created;
    };
    this.#backward = [
      pageButton("angle-double-left", "first", () => 0),
      pageButton("angle-left", "before", () => this.#shown.page - 1),
    ];
    this.#forward = [
      pageButton("angle-right", "next", () => this.#shown.page + 1),
      pageButton("angle-double-right", "last", () => this.#shown.pages - 1),
    ];
    if (isStatus) {
      this.#range.setAttribute("role", "status");
    }
    this.element.append(...this.#backward, this.#range, ...this.#forward);
  }

  show(shown: ShownPage): void {
    const { page, pages, from, to, total } = shown;
    this.#shown = shown;
    this.element.hidden = pages <= 1;
    setText(this.#range, text("pages.range", { from, to, total }));
    for (const one of this.#backward) {
      one.disabled = page === 0;
    }
    for (const one of this.#forward) {
      one.disabled = page === pages - 1;
    }
  }

  /** A button that is disabled at the end loses the focus, and the keyboard its place. */
  #keepFocus(pressed: HTMLButtonElement): void {
    if (pressed.disabled) {
      [...this.#backward, ...this.#forward].find(({ disabled }) => !disabled)?.focus();
    }
  }
}
