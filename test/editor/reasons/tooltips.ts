import type { Page } from "playwright-core";
import type { InPage } from "../in-page.ts";

interface Tooltip {
  setContent(content: unknown): void;
  delete(): void;
}
type Content = string | (() => string | { text(): string });
declare const inPage: InPage;
declare const RED: { popover: { tooltip(target: ArrayLike<object>, content: Content, ...more: unknown[]): Tooltip } };
declare const tooltips: WeakMap<object, Content>;

/** Records the tooltips of elements, because the editor shows one only after the mouse has rested for most of a second. */
export async function recordTooltips(page: Page): Promise<void> {
  await page.evaluate(() => {
    const recorded = new WeakMap<object, Content>();
    Object.assign(globalThis, { tooltips: recorded });
    const make = RED.popover.tooltip;
    RED.popover.tooltip = (target, content, ...more) => {
      const tooltip = make(target, content, ...more);
      const element = target[0] ?? {};
      const { setContent, delete: remove } = tooltip;
      recorded.set(element, content);
      tooltip.setContent = (other) => {
        recorded.set(element, other as Content);
        setContent(other);
      };
      tooltip.delete = () => {
        recorded.delete(element);
        remove();
      };
      return tooltip;
    };
  });
}

/** How the form shows the fault of a field. */
export interface ShownFault {
  readonly isMarked: boolean;
  /** The text of its tooltip; `undefined` if it has none. */
  readonly tooltip: string | undefined;
}

/** Reads how the form on top shows the fault of a property. */
export function shownFault(page: Page, property: string): Promise<ShownFault> {
  return page.evaluate((name) => {
    const row = inPage.rowOf(name);
    const place =
      row?.querySelector(".red-ui-editableList-container") ??
      row?.querySelector(".red-ui-typedInput-container") ??
      inPage.inputOf(name);
    if (!place) {
      throw new Error(`The form has no ${name}.`);
    }
    const content = tooltips.get(place);
    const shown = typeof content === "function" ? content() : content;
    return {
      isMarked: place.classList.contains("input-error"),
      tooltip: typeof shown === "object" ? shown.text() : shown,
    };
  }, property);
}
