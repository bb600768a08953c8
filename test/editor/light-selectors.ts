import type { Page } from "playwright-core";

type Locate = (this: unknown, selector: unknown, ...more: unknown[]) => unknown;

/** A selector of another kind than CSS. */
const OTHER_KIND = /^(?:[\w:-]+=|\/\/|\.\.|\()/;

let isPatched = false;

/**
 * Makes CSS selectors search the document only. By default, Playwright looks for a shadow root in each of the ten thousand elements of the
 * editor, whenever it looks for one of them: a fifth of the processor time of a test that fills in forms. Neither the editor nor the Runs view
 * has shadow roots.
 */
export function useLightSelectors(page: Page): void {
  if (isPatched) {
    return;
  }
  isPatched = true;
  for (const prototype of [page, page.locator("html")].map(
    (one) => Object.getPrototypeOf(one) as { locator: Locate },
  )) {
    const { locator } = prototype;
    prototype.locator = function (selector, ...more) {
      const isCss = typeof selector === "string" && !OTHER_KIND.test(selector);
      return locator.call(this, isCss ? `css:light=${selector}` : selector, ...more);
    };
  }
}
