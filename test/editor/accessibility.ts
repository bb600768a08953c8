import { createRequire } from "node:module";
import type { Page } from "playwright-core";

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: ReadonlyArray<{ readonly html: string; readonly failureSummary?: string }>;
}

/** The members of an element that the functions in the browser use. */
interface Element {
  readonly parentElement: Element | null;
  readonly children: Iterable<Element>;
  readonly classList: { toggle(name: string, force: boolean): void };
  closest(selector: string): Element | null;
}
/** A function that selects the nodes that a `TreeWalker` visits. */
type Filter = (node: Element) => number;

declare const axe: { run(selector: string, options: object): Promise<{ violations: Violation[] }> } | undefined;
declare const document: {
  readonly documentElement: Element;
  querySelectorAll(selector: string): Iterable<Element>;
  createTreeWalker(root: unknown, what: number, filter?: Filter | null): unknown;
};
declare const NodeFilter: { readonly FILTER_ACCEPT: number; readonly FILTER_REJECT: number };

/**
 * The editor's body has no height and hides its overflow, so that axe-core would treat everything as invisible, and check no contrast.
 */
const SEEN = "html, body { min-height: 100vh }";

/** Node-RED's object viewer has its own colors, with a contrast of 4.48 : 1 in the dark theme. */
const VIEWER = 'class="red-ui-debug-msg-';

/** What belongs together in the editor: labels and descriptions are in the same dialog or panel as what they belong to. */
const UNITS = ".red-ui-tray, .ui-dialog, .lightly-runs";

/** Rules that depend on the theme: the themes differ in colors only. */
const COLORS = { runOnly: { type: "rule", values: ["color-contrast", "link-in-text-block"] } };

/** Only what the tests read. No rule that judges a part of a page needs the style sheets that axe-core can load. */
const LEAN = { resultTypes: ["violations"], selectors: false, preload: false };

/** The serious and critical violations of axe-core in a part of the page, in the dark and in the light theme, one line per element. */
export async function seriousFaults(page: Page, selector: string): Promise<string[]> {
  if (await page.evaluate(() => typeof axe === "undefined")) {
    await page.addScriptTag({ path: createRequire(import.meta.url).resolve("axe-core/axe.min.js") });
    await page.addStyleTag({ content: SEEN });
  }
  // Both themes in one request, so that the browser draws less in between.
  const violations = await page.evaluate(judge, [selector, UNITS, LEAN, { ...LEAN, ...COLORS }] as const);
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes
        .filter(({ html }) => !html.includes(VIEWER))
        .map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
}

/**
 * Runs in the browser. axe-core computes the position of each element of the document, so that the thousands in the rest of the editor would
 * take most of its time. It gets them as boxes without content.
 */
async function judge([selector, units, dark, light]: readonly [string, string, object, object]): Promise<Violation[]> {
  const around = new Set<Element>();
  const parts = new Set<Element>();
  for (const part of document.querySelectorAll(selector)) {
    const unit = part.closest(units) ?? part;
    parts.add(unit);
    for (let outer = unit.parentElement; outer; outer = outer.parentElement) {
      around.add(outer);
    }
  }
  const boxes = new Set(
    [...around].flatMap(({ children }) => [...children]).filter((child) => !around.has(child) && !parts.has(child)),
  );
  const { createTreeWalker } = document;
  // axe-core looks for elements by the nodes below each element, and by a TreeWalker.
  for (const box of boxes) {
    Object.defineProperty(box, "childNodes", { value: [], configurable: true });
  }
  document.createTreeWalker = (root, what) =>
    createTreeWalker.call(document, root, what, ({ parentElement }) =>
      parentElement && boxes.has(parentElement) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
    );
  const violations: Violation[] = [];
  try {
    for (const options of [dark, light]) {
      document.documentElement.classList.toggle("nr-theme-dark", options === dark);
      violations.push(...((await axe?.run(selector, options))?.violations ?? []));
    }
    return violations;
  } finally {
    document.createTreeWalker = createTreeWalker;
    for (const box of boxes) {
      delete (box as { childNodes?: unknown }).childNodes;
    }
  }
}

/** Runs the same in the dark and in the light theme. */
export async function inBothThemes(page: Page, act: (isDark: boolean) => Promise<void>): Promise<void> {
  for (const isDark of [true, false]) {
    await page.evaluate((dark) => document.documentElement.classList.toggle("nr-theme-dark", dark), isDark);
    await act(isDark);
  }
}
