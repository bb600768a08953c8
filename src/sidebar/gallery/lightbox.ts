import { text } from "../host/host.ts";
import { reasonOf } from "../host/request-error.ts";
import { copyButton } from "../parts/copy-button.ts";
import { button, element, setText } from "../parts/dom.ts";
import { factsOf } from "./gallery-button.ts";
import type { GalleryFrame } from "./gallery-frame.ts";
import { readPicture } from "./gallery-requests.ts";

/** Opens a frame in full size. The arrow keys show the others, Escape closes it. Only the shown picture is in memory. */
export function openLightbox(
  frames: readonly GalleryFrame[],
  start: GalleryFrame,
  closed: (last: GalleryFrame) => void,
): void {
  new Lightbox(frames, start, closed);
}

class Lightbox {
  readonly #frames: readonly GalleryFrame[];
  readonly #dialog = element("dialog", { class: "lightly-lightbox", "aria-label": text("gallery.title") });
  readonly #stage = element("div", { class: "lightly-lightbox-stage" });
  readonly #name = element("strong");
  readonly #facts = element("span");
  readonly #position = element("span", { class: "lightly-lightbox-position", role: "status" });
  #index: number;
  #url: string | undefined;

  constructor(frames: readonly GalleryFrame[], start: GalleryFrame, closed: (last: GalleryFrame) => void) {
    this.#frames = frames;
    this.#index = Math.max(0, frames.indexOf(start));
    const before = iconButton("chevron-left", text("lightbox.before"), () => this.#move(-1));
    const next = iconButton("chevron-right", text("lightbox.next"), () => this.#move(1));
    const close = iconButton("times", text("lightbox.close"), () => this.#dialog.close());
    this.#dialog.append(
      element(
        "header",
        {},
        this.#name,
        this.#facts,
        this.#position,
        copyButton(text("copy.name"), () => this.#frame.fileName),
        close,
      ),
      element("div", { class: "lightly-lightbox-body" }, before, this.#stage, next),
    );
    this.#dialog.addEventListener("keydown", ({ key }) => {
      if (key === "ArrowLeft" || key === "ArrowRight") {
        this.#move(key === "ArrowLeft" ? -1 : 1);
      }
    });
    this.#stage.addEventListener("click", ({ target }) => target === this.#stage && this.#dialog.close());
    this.#dialog.addEventListener("close", () => {
      this.#revoke();
      this.#dialog.remove();
      closed(this.#frame);
    });
    // Inside, for the colors of the page.
    (document.querySelector(".lightly-runs") ?? document.body).append(this.#dialog);
    this.#dialog.showModal();
    next.focus();
    void this.#show();
  }

  get #frame(): GalleryFrame {
    return this.#frames[this.#index] as GalleryFrame;
  }

  #move(by: number): void {
    this.#index = (this.#index + by + this.#frames.length) % this.#frames.length;
    void this.#show();
  }

  async #show(): Promise<void> {
    const frame = this.#frame;
    setText(this.#name, frame.fileName);
    setText(this.#facts, factsOf(frame).join(" · "));
    setText(this.#position, text("lightbox.position", { number: this.#index + 1, total: this.#frames.length }));
    try {
      const url = await readPicture(frame.thumbnailUrl.replace(/thumbnail$/, "picture"));
      if (frame !== this.#frame || !this.#dialog.open) {
        URL.revokeObjectURL(url);
        return;
      }
      this.#revoke();
      this.#url = url;
      this.#stage.replaceChildren(element("img", { src: url, alt: frame.fileName }));
    } catch (error) {
      if (frame === this.#frame) {
        this.#stage.replaceChildren(
          element("p", { role: "alert" }, text("gallery.failed", { reason: reasonOf(error) })),
        );
      }
    }
  }

  #revoke(): void {
    if (this.#url !== undefined) {
      URL.revokeObjectURL(this.#url);
      this.#url = undefined;
    }
  }
}

function iconButton(iconName: string, label: string, act: () => void): HTMLButtonElement {
  const created = button(iconName, "", act);
  created.setAttribute("aria-label", label);
  created.title = label;
  return created;
}
