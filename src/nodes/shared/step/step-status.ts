import type { Node, NodeAPI } from "../node-red.ts";

type Look = { readonly fill: "red" | "green" | "yellow" | "blue" | "grey"; readonly shape: "dot" | "ring" };

/** The colors and shapes of the core nodes: dot = running or done, ring = waiting or failed. */
const LOOKS = {
  working: { fill: "blue", shape: "dot" },
  waiting: { fill: "yellow", shape: "ring" },
  done: { fill: "green", shape: "dot" },
  failed: { fill: "red", shape: "ring" },
  aborted: { fill: "grey", shape: "ring" },
} as const satisfies Record<string, Look>;

/** The appearance of a status. */
export type StatusLook = keyof typeof LOOKS;

const MIN_PAUSE_MS = 1000;

/**
 * A step's status, with texts of the node's catalog. Progress is shown at most once a second, so that a fast transfer does not flood the
 * editors. The last status is always shown.
 */
export class StepStatus {
  readonly #red: NodeAPI;
  readonly #node: Node;
  #shownAt = -Infinity;

  constructor(red: NodeAPI, node: Node) {
    this.#red = red;
    this.#node = node;
  }

  /** Shows a text of the catalog: `show("done", "uploaded", { size: "3 MiB" })`. */
  show(look: StatusLook, key: string, values: Readonly<Record<string, string | number>> = {}): void {
    this.#shownAt = performance.now();
    const text = this.#red._(`${this.#node.type}.status.${key}`, values as Record<string, string>);
    this.#node.status({ ...LOOKS[look], text });
  }

  /** Shows nothing. */
  clear(): void {
    this.#node.status({});
  }

  /** Like {@link show}, but at most once a second. */
  showProgress(look: StatusLook, key: string, values: Readonly<Record<string, string | number>> = {}): void {
    if (performance.now() - this.#shownAt >= MIN_PAUSE_MS) {
      this.show(look, key, values);
    }
  }

  /** Shows a text that is not in the catalog, such as an error code. */
  showText(look: StatusLook, text: string): void {
    this.#shownAt = performance.now();
    this.#node.status({ ...LOOKS[look], text });
  }
}
