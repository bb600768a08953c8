import type { Locator, Page } from "playwright-core";

/** The Runs panel in an editor. */
export interface RunsPanelPage {
  readonly root: Locator;
  /** The list's rows that are shown. */
  readonly rows: Locator;
  row(runId: string): Locator;
  /** Opens a run's page from the list. */
  open(runId: string): Promise<void>;
  back(): Promise<void>;
  /** A step on a run's page, the last one of its name. */
  step(name: string): Locator;
  action(label: "Abort" | "Retry from failure" | "Run again"): Locator;
  /** The state that a run's page shows. */
  readonly state: Locator;
}

declare const RED: { actions: { invoke(action: string): void } };

/** Opens the panel as its action does. */
export async function openRunsPanel(page: Page): Promise<RunsPanelPage> {
  const root = page.locator(".lightly-runs");
  if (!(await root.isVisible())) {
    await page.evaluate(() => RED.actions.invoke("lightly-aws:show-runs"));
  }
  await root.waitFor();
  return {
    root,
    rows: root.locator(".lightly-runs-row:not([hidden])"),
    row: (runId) => root.locator(`.lightly-runs-row[data-run="${runId}"]`),
    open: async (runId) => {
      await root.locator(`.lightly-runs-row[data-run="${runId}"] > button`).click();
      await root.locator(".lightly-runs-run .lightly-runs-step").first().waitFor();
    },
    back: () => root.locator(".lightly-runs-head > button").click(),
    step: (name) => root.locator(".lightly-runs-step", { hasText: name }).last(),
    action: (label) => root.locator(".lightly-runs-actions").getByRole("button", { name: label, exact: true }),
    state: root.locator(".lightly-runs-facts .lightly-runs-state"),
  };
}
