import { createRequire } from "node:module";
import type { Page } from "playwright-core";

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: ReadonlyArray<{ readonly html: string; readonly failureSummary?: string }>;
}

declare const axe: { run(selector: string, options: object): Promise<{ violations: Violation[] }> } | undefined;
declare const document: { documentElement: { classList: { toggle(name: string, force: boolean): void } } };

/**
 * The editor's body has no height and hides its overflow, so that axe-core would treat everything as invisible, and check no contrast.
 */
const SEEN = "html, body { min-height: 100vh }";

/** Node-RED's object viewer has its own colors, with a contrast of 4.48 : 1 in the dark theme. */
const VIEWER = 'class="red-ui-debug-msg-';

/** The serious and critical violations of axe-core in a part of the page, in the dark and in the light theme, one line per element. */
export async function seriousFaults(page: Page, selector: string): Promise<string[]> {
  if (await page.evaluate(() => typeof axe === "undefined")) {
    await page.addScriptTag({ path: createRequire(import.meta.url).resolve("axe-core/axe.min.js") });
    await page.addStyleTag({ content: SEEN });
  }
  const violations: Violation[] = [];
  await inBothThemes(page, async (isDark) => {
    // The themes differ in colors only.
    const options = isDark ? {} : { runOnly: { type: "rule", values: ["color-contrast", "link-in-text-block"] } };
    const run = async ([part, rules]: [string, object]) => (await axe?.run(part, rules))?.violations ?? [];
    violations.push(...(await page.evaluate(run, [selector, options] as [string, object])));
  });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes
        .filter(({ html }) => !html.includes(VIEWER))
        .map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
}

/** Runs the same in the dark and in the light theme. */
export async function inBothThemes(page: Page, act: (isDark: boolean) => Promise<void>): Promise<void> {
  for (const isDark of [true, false]) {
    await page.evaluate((dark) => document.documentElement.classList.toggle("nr-theme-dark", dark), isDark);
    await act(isDark);
  }
}
