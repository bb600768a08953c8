import { createRequire } from "node:module";
import type { Page } from "playwright-core";

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: ReadonlyArray<{ readonly html: string; readonly failureSummary?: string }>;
}

declare const axe: { run(selector: string): Promise<{ violations: Violation[] }> } | undefined;
declare const document: { documentElement: { classList: { toggle(name: string, force: boolean): void } } };

/**
 * The editor's body is no pixel high and cuts off what is beyond, which makes all of it unseen to axe-core: it would look at no
 * contrast.
 */
const SEEN = "html, body { min-height: 100vh }";

/** Node-RED's own viewer of values, in its own colours: in the dark theme 4.48 : 1. */
const VIEWER = 'class="red-ui-debug-msg-';

/** What axe-core calls serious or critical in a part of the page, a line for each element. */
export async function seriousFaults(page: Page, selector: string): Promise<string[]> {
  if (await page.evaluate(() => typeof axe === "undefined")) {
    await page.addScriptTag({ path: createRequire(import.meta.url).resolve("axe-core/axe.min.js") });
    await page.addStyleTag({ content: SEEN });
  }
  const violations = await page.evaluate(async (part) => (await axe?.run(part))?.violations ?? [], selector);
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes
        .filter(({ html }) => !html.includes(VIEWER))
        .map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
}

/** Does the same in the light and in the dark theme. */
export async function inBothThemes(page: Page, act: () => Promise<void>): Promise<void> {
  for (const isDark of [true, false]) {
    await page.evaluate((dark) => document.documentElement.classList.toggle("nr-theme-dark", dark), isDark);
    await act();
  }
}
