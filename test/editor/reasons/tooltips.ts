import type { Locator, Page } from "playwright-core";

interface Tooltip {
  setContent(content: unknown): void;
  delete(): void;
}
type Content = string | (() => string | { text(): string });
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

/** Reads how an element of the form shows its fault. */
export function shownFault(element: Locator): Promise<ShownFault> {
  return element.evaluate((node) => {
    const { classList } = node as unknown as { classList: { contains(name: string): boolean } };
    const content = tooltips.get(node);
    const shown = typeof content === "function" ? content() : content;
    return {
      isMarked: classList.contains("input-error"),
      tooltip: typeof shown === "object" ? shown.text() : shown,
    };
  });
}
