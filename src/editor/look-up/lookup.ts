import type { LookUp } from "../../fields/look-up.ts";
import { isTyped, setValue, shownField } from "../fields/field-value.ts";
import { input } from "../open-form.ts";
import { Choices } from "./choices.ts";
import { findOffers, type LookUpText } from "./offers.ts";

/** Adds a button next to a field that opens a list below it. The user can still type any value. */
export function offerLookUp(node: EditorNode, property: string, options: LookUp): void {
  new LookUpPanel(node, input(node, property), options).follow();
}

/** The button of a field, and the list of values that it opens. */
class LookUpPanel {
  readonly #node: EditorNode;
  readonly #field: JQuery;
  readonly #options: LookUp;
  readonly #text: LookUpText;
  readonly #title: string;
  readonly #button: JQuery;
  readonly #panel = $("<div>", { class: "lightly-aws-panel" }).hide();

  constructor(node: EditorNode, field: JQuery, options: LookUp) {
    this.#node = node;
    this.#field = field;
    this.#options = options;
    this.#text = (key, values) => node._(`lightly-aws.lookup.${key}`, values);
    this.#title = this.#text(`choose.${options.what}`);
    this.#button = $("<button>", {
      type: "button",
      class: "red-ui-button lightly-aws-lookup",
      title: this.#title,
      "aria-label": this.#title,
    })
      .attr("aria-expanded", "false")
      .append($("<i>", { class: "fa fa-search", "aria-hidden": "true" }));
    this.#button.on("click", () => this.#toggle());
    field.closest(".form-row").append(this.#button, this.#panel);
  }

  /** Shows the button only while a typed input has a text. */
  follow(): void {
    if (!isTyped(this.#field)) {
      return;
    }
    const update = (): void => {
      const isText = this.#field.typedInput("type") === "str";
      this.#button.toggle(isText);
      if (!isText) {
        this.#hide();
      }
    };
    this.#field.on("change", update);
    update();
  }

  #toggle(): void {
    if (this.#button.attr("aria-expanded") === "true") {
      this.#close(this.#button);
    } else {
      void this.#show();
    }
  }

  async #show(): Promise<void> {
    const [text, options] = [this.#text, this.#options];
    this.#button.attr("aria-expanded", "true");
    const choices = new Choices(this.#panel.show(), {
      title: this.#title,
      text,
      several: options.several === true,
      chosen: () => parts(this.#value, options),
      choose: (value) => this.#choose(value),
      close: () => this.#close(this.#button),
    });
    try {
      const { items, more, note } = await findOffers(this.#node, options, text);
      const above = options.nested ? folderAbove(this.#value) : undefined;
      choices.show(items, {
        more,
        note,
        ...(above !== undefined && { first: { value: above, name: text("up"), details: [] } }),
      });
    } catch (error) {
      choices.fail(error instanceof Error ? error.message : String(error));
    }
  }

  #choose(value: string): void {
    const { several, fill, nested } = this.#options;
    const before = this.#value;
    setValue(this.#field, several ? toggled(before, value) : (fill?.(value, before) ?? value));
    if (nested) {
      void this.#show();
    } else if (!several) {
      this.#close(shownField(this.#field));
    }
  }

  #close(focus: JQuery): void {
    this.#hide();
    focus.trigger("focus");
  }

  #hide(): void {
    this.#panel.hide().empty();
    this.#button.attr("aria-expanded", "false");
  }

  get #value(): string {
    return String(this.#field.val() ?? "");
  }
}

function parts(text: string, { several, fill }: LookUp): readonly string[] {
  if (several) {
    return list(text);
  }
  return fill ? [] : [text.trim().replace(/(?<!\/)\/+$/, "")];
}

function list(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** Returns the parent of a folder; empty for the bucket itself. */
function folderAbove(text: string): string | undefined {
  const folder = text.trim().replace(/(?<!\/)\/+$/, "");
  return folder === "" ? undefined : folder.slice(0, Math.max(folder.lastIndexOf("/"), 0));
}

function toggled(text: string, value: string): string {
  const before = list(text);
  return (before.includes(value) ? before.filter((one) => one !== value) : [...before, value]).join(", ");
}
