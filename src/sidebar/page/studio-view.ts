import type { StepRecord } from "../../records/run-record.ts";
import { text } from "../host/host.ts";
import { copyButton } from "../parts/copy-button.ts";
import { button, element, setText } from "../parts/dom.ts";
import { studioCommands, studioFacts } from "./studio-facts.ts";

/** The result of a step with LightlyStudio: its counts, and how to open its database. */
export class StudioView {
  readonly element = element("div", { class: "lightly-runs-studio" });
  readonly #counts = element("div");
  readonly #missing = element("div", { class: "lightly-runs-faint" }, text("studio.noDatabase"));
  readonly #open: HTMLButtonElement;
  readonly #commands = element("div", { class: "lightly-runs-commands" });
  #database: string | undefined;

  constructor(id: string) {
    this.#commands.id = `${id}-commands`;
    this.#commands.hidden = true;
    this.#open = button("desktop", text("studio.open"), () => this.#toggle());
    this.#open.setAttribute("aria-expanded", "false");
    this.#open.setAttribute("aria-controls", this.#commands.id);
    this.element.append(this.#counts, this.#missing, this.#open, this.#commands);
  }

  show(step: StepRecord): void {
    const { counts, database } = studioFacts(step) ?? {};
    this.element.hidden = counts === undefined;
    setText(this.#counts, counts === undefined ? "" : text("studio.counts", counts));
    this.#open.hidden = database === undefined;
    this.#missing.hidden = database !== undefined;
    if (database !== this.#database) {
      this.#database = database;
      this.#commands.replaceChildren(...(database === undefined ? [] : commandList(database)));
    }
  }

  #toggle(): void {
    this.#commands.hidden = !this.#commands.hidden;
    this.#open.setAttribute("aria-expanded", String(!this.#commands.hidden));
  }
}

function commandList(database: string): HTMLElement[] {
  const { fetch, start } = studioCommands(database);
  return [
    element("p", {}, text("studio.hint")),
    ...command(text("studio.fetch"), fetch),
    ...command(text("studio.start"), start),
  ];
}

function command(title: string, line: string): HTMLElement[] {
  const copy = copyButton(text("copy.label"), () => line);
  copy.title = `${text("copy.label")}: ${title}`;
  return [element("h4", {}, title), element("pre", { tabindex: "0" }, element("code", {}, line)), copy];
}
