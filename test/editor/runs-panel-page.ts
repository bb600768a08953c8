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
  action(label: "Abort" | "Retry from failure" | "Rerun"): Locator;
  /** The state that a run's page shows. */
  readonly state: Locator;
}

declare const RED: {
  actions: { invoke(action: string): void };
  sidebar: { show(tab: string): void };
  settings: { user?: { username: string; permissions: string } };
};

/** Puts another tab of the sidebar in front. */
export async function showAnotherTab(page: Page): Promise<void> {
  await page.evaluate(() => RED.sidebar.show("info"));
}

/** Has the editor believe that its user may only read. */
export async function playReader(page: Page, isReader: boolean): Promise<void> {
  await page.evaluate((only) => {
    if (only) {
      RED.settings.user = { username: "reader", permissions: "read" };
    } else {
      delete RED.settings.user;
    }
  }, isReader);
}

/** Opens the panel as its action does. */
export async function openRunsPanel(page: Page): Promise<RunsPanelPage> {
  const root = page.locator(".lightly-runs");
  if (!(await root.isVisible())) {
    await page.evaluate(() => RED.actions.invoke("lightly-aws:show-runs"));
  }
  await root.waitFor();
  return {
    root,
    rows: root.locator(".lightly-runs-row"),
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
