import { ownEntry } from "../../errors/own-entry.ts";
import { line } from "../line.ts";

/** A value to choose, from the runtime. */
export interface Offer {
  readonly value: string;
  readonly name?: string;
  readonly details: readonly string[];
}

/** The options of a list of choices. */
export interface ChoicesOptions {
  /** The title of the list. */
  readonly title: string;
  readonly several: boolean;
  /** Looks a text up under `lightly-aws.lookup`. */
  readonly text: (key: string, values?: Record<string, unknown>) => string;
  /** The current values of the field. */
  readonly chosen: () => readonly string[];
  readonly choose: (value: string) => void;
  readonly close: () => void;
}

/** Longer lists have a filter. */
const MAX_WITHOUT_FILTER = 8;
let lists = 0;

/** A list to choose from in a panel, by mouse or keyboard. It has the role list box for screen readers. */
export class Choices {
  readonly #options: ChoicesOptions;
  readonly #status: JQuery;
  readonly #list: JQuery;
  readonly #filter: JQuery;
  #items: readonly Offer[] = [];
  #active = 0;

  constructor(panel: JQuery, options: ChoicesOptions) {
    const { title, several, text } = options;
    this.#options = options;
    lists += 1;
    this.#status = $("<div>", { class: "lightly-aws-status", role: "status" });
    this.#filter = $("<input>", { type: "text", class: "lightly-aws-filter", placeholder: text("filter") })
      .attr("aria-label", text("filter"))
      .hide();
    this.#list = $("<ul>", { class: "lightly-aws-choices", role: "listbox", tabindex: 0, "aria-label": title })
      .attr("id", `lightly-aws-choices-${lists}`)
      .attr("aria-multiselectable", String(several))
      .hide();
    this.#filter
      .attr({ role: "combobox", "aria-expanded": "true", "aria-autocomplete": "list" })
      .attr("aria-controls", this.#list.attr("id") ?? "");
    panel.empty().append(this.#filter, this.#list, this.#status);
    panel.off("keydown").on("keydown", (event) => this.#onKey(event));
    this.#filter.on("input", () => {
      this.#draw(0);
      this.#status
        .find("span")
        .first()
        .text(text("found", { count: this.#shown().length }));
    });
    this.#showStatus("fa-spinner fa-pulse", text("busy"));
  }

  /**
   * Shows the found values.
   *
   * @param options.more - whether there are more values
   * @param options.note - what is missing, and why
   * @param options.first - a choice before the found values
   */
  show(
    items: readonly Offer[],
    { more, note, first }: { readonly more: boolean; readonly note?: string; readonly first?: Offer },
  ): void {
    const { text, chosen } = this.#options;
    this.#items = first === undefined ? items : [first, ...items];
    this.#filter.toggle(items.length > MAX_WITHOUT_FILTER);
    this.#list.toggle(this.#items.length > 0);
    const at = this.#items.findIndex(({ value }) => chosen().includes(value));
    this.#draw(at >= 0 ? at : items.length > 0 ? this.#items.length - items.length : 0);
    const count = more ? text("more", { count: items.length }) : text("found", { count: items.length });
    this.#showStatus("", items.length === 0 ? text("nothing") : count);
    if (note !== undefined) {
      this.#status.append(line("fa-exclamation-triangle", note));
    }
    (items.length > MAX_WITHOUT_FILTER ? this.#filter : this.#list).trigger("focus");
  }

  /** Shows why nothing was found. */
  fail(message: string): void {
    this.#showStatus("fa-exclamation-triangle", message);
  }

  #showStatus(icon: string, text: string): void {
    this.#status.empty().append(line(icon, text));
  }

  #shown(): readonly Offer[] {
    const words = String(this.#filter.val() ?? "")
      .trim()
      .toLowerCase();
    const has = ({ value, name = "", details }: Offer): boolean =>
      [value, name, ...details].some((text) => text.toLowerCase().includes(words));
    return this.#items.filter(has);
  }

  #draw(active: number): void {
    const chosen = this.#options.chosen();
    const shown = this.#shown();
    this.#active = Math.min(Math.max(active, 0), Math.max(shown.length - 1, 0));
    const id = (index: number): string => `${this.#list.attr("id")}-${index}`;
    this.#list.empty().append(
      shown.map(({ value, name, details }, index) => {
        const isChosen = chosen.includes(value);
        return $("<li>", { role: "option", id: id(index) })
          .attr("aria-selected", String(isChosen))
          .toggleClass("lightly-aws-active", index === this.#active)
          .append(
            $("<i>", { class: `lightly-aws-tick fa ${isChosen ? "fa-check" : ""}`, "aria-hidden": "true" }),
            $("<span>", { class: "lightly-aws-choice", text: name ?? value }),
            $("<span>", { class: "lightly-aws-about", text: [...(name ? [value] : []), ...details].join(" · ") }),
          )
          .on("mousedown", (event) => event.preventDefault())
          .on("click", () => this.#choose(index));
      }),
    );
    for (const element of [this.#list, this.#filter]) {
      element.attr("aria-activedescendant", shown.length > 0 ? id(this.#active) : null);
    }
    this.#list.children().get(this.#active)?.scrollIntoView({ block: "nearest" });
  }

  #choose(index: number): void {
    const offer = this.#shown()[index];
    if (offer) {
      this.#options.choose(offer.value);
      if (this.#options.several) {
        this.#draw(index);
      }
    }
  }

  #onKey(event: JQuery.KeyDownEvent): void {
    const isTyping = event.target === this.#filter.get(0);
    const last = this.#shown().length - 1;
    const goes: Record<string, () => void> = {
      ArrowDown: () => this.#draw(this.#active + 1),
      ArrowUp: () => this.#draw(this.#active - 1),
      Enter: () => this.#choose(this.#active),
      Escape: () => this.#options.close(),
      ...(isTyping
        ? {}
        : { Home: () => this.#draw(0), End: () => this.#draw(last), " ": () => this.#choose(this.#active) }),
    };
    const go = ownEntry(goes, event.key);
    if (go) {
      event.preventDefault();
      event.stopPropagation();
      go();
    }
  }
}
