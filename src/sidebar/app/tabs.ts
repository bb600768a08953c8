import { element, setText } from "../parts/dom.ts";
import { TABS, type Tab } from "../parts/page-address.ts";
import { focusOne, moveFocus } from "../parts/roving-focus.ts";

/** The name and the content of a tab. */
interface TabContent {
  readonly label: string;
  readonly content: HTMLElement;
}

/** Tabs, with a number after the names of some. The tab key reaches the shown one, the arrow keys the others. */
export class Tabs {
  readonly element = element("section", { class: "lightly-page-tabs" });
  readonly #heads = new Map<
    Tab,
    { readonly head: HTMLButtonElement; readonly count: HTMLElement; readonly panel: HTMLElement }
  >();
  #shown: Tab | undefined;

  /** @param chosen - called when the user chooses a tab */
  constructor(contents: Readonly<Record<Tab, TabContent>>, chosen: (tab: Tab) => void) {
    const row = element("div", { class: "lightly-page-tablist", role: "tablist" });
    this.element.append(row);
    for (const tab of TABS) {
      const { label, content } = contents[tab];
      const id = `lightly-page-tab-${tab}`;
      const count = element("span", { class: "lightly-page-tabcount" });
      const head = element(
        "button",
        { type: "button", role: "tab", id, "aria-controls": `${id}-panel` },
        label,
        " ",
        count,
      );
      const panel = element(
        "div",
        { role: "tabpanel", id: `${id}-panel`, "aria-labelledby": id, tabindex: "0" },
        content,
      );
      head.addEventListener("click", () => {
        this.show(tab);
        chosen(tab);
      });
      row.append(head);
      this.element.append(panel);
      this.#heads.set(tab, { head, count, panel });
    }
    row.addEventListener("keydown", (event) => {
      moveFocus(
        event,
        [...this.#heads.values()].map(({ head }) => head).filter(({ hidden }) => !hidden),
      );
    });
  }

  show(tab: Tab): void {
    this.#shown = this.#heads.get(tab)?.head.hidden ? "steps" : tab;
    this.#draw();
  }

  setCount(tab: Tab, count: string): void {
    const { count: element } = this.#heads.get(tab) ?? {};
    if (element) {
      setText(element, count);
    }
  }

  /** Hides a tab that has nothing to show. */
  setHidden(tab: Tab, isHidden: boolean): void {
    const { head } = this.#heads.get(tab) ?? {};
    if (head && head.hidden !== isHidden) {
      head.hidden = isHidden;
      if (isHidden && this.#shown === tab) {
        this.show("steps");
      }
    }
  }

  #draw(): void {
    for (const [tab, { head, panel }] of this.#heads) {
      const isShown = tab === this.#shown;
      head.setAttribute("aria-selected", String(isShown));
      head.setAttribute("tabindex", isShown ? "0" : "-1");
      panel.hidden = !isShown;
    }
    const focused = [...this.#heads.values()].find(({ head }) => head === document.activeElement);
    if (focused) {
      focusOne(
        focused.head,
        [...this.#heads.values()].map(({ head }) => head),
      );
    }
  }
}
