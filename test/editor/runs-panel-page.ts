import type { Locator, Page } from "playwright-core";

/** The Runs panel in an editor. */
export interface RunsPanelPage {
  readonly root: Locator;
  /** The shown rows of the list. */
  readonly rows: Locator;
  row(runId: string): Locator;
  /** Opens a run from the list. */
  open(runId: string): Promise<void>;
  back(): Promise<void>;
  /** The last step with a name in the strip of a run. */
  step(name: string): Locator;
  /** What the shown step does. */
  readonly line: Locator;
  action(label: "Abort" | "Retry" | "Run again"): Locator;
  /** The state of the shown run. */
  readonly state: Locator;
}

declare const RED: {
  actions: { invoke(action: string): void };
  sidebar: { show(tab: string): void };
  settings: { user?: { username: string; permissions: string } };
};

/** Shows another tab of the sidebar. */
export async function showAnotherTab(page: Page): Promise<void> {
  await page.evaluate(() => RED.sidebar.show("info"));
}

/** Makes the editor treat its user as read-only. */
export async function playReader(page: Page, isReader: boolean): Promise<void> {
  await page.evaluate((only) => {
    if (only) {
      RED.settings.user = { username: "reader", permissions: "read" };
    } else {
      delete RED.settings.user;
    }
  }, isReader);
}

/** Opens the panel like its action. */
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
      await root.locator(".lightly-runs-run .lightly-runs-strip > button").first().waitFor();
    },
    back: () => root.locator(".lightly-runs-head > button").click(),
    step: (name) => root.locator(`.lightly-runs-strip > button[title^="${name}"]`).last(),
    line: root.locator(".lightly-runs-strip-line"),
    action: (label) => root.locator(".lightly-runs-actions").getByRole("button", { name: label, exact: true }),
    state: root.locator(".lightly-runs-facts .lightly-runs-state"),
  };
}
