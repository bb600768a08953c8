import type { Browser, Locator, Page } from "playwright-core";
import { HANG_MS } from "../support/limits.ts";
import { type EditorPage, openWindow } from "./editor-page.ts";

const VIEWPORT = { width: 1440, height: 900 };

/** The full page of the Runs view. */
export interface RunsPage {
  readonly page: Page;
  /** The rows of the table. */
  readonly rows: Locator;
  row(runId: string): Locator;
  /** Opens a run by its address. */
  open(runId: string, tab?: "steps" | "log" | "frames" | "cost"): Promise<void>;
  back(): Promise<void>;
  tab(name: string): Locator;
  /** The last step with a name. */
  step(name: string): Locator;
  action(label: "Abort" | "Retry" | "Run again" | "Edit and run" | "Delete"): Locator;
  /** The state of the shown run. */
  readonly state: Locator;
  readonly runId: Locator;
}

/** Opens the full page of a Node-RED in a window of a new session. Its faults are the script errors. */
export async function openRunsView(browser: Browser, url: string, viewport = VIEWPORT): Promise<EditorPage> {
  const page = await openWindow(browser, viewport);
  const faults: string[] = [];
  page.on("pageerror", ({ stack, message }) => faults.push(stack ?? message));
  await page.goto(`${url}/lightly-aws/`);
  return { page, faults, close: () => page.context().close() };
}

/** The full page at an address of Node-RED, in a tab of its own beside the editor. */
export async function openRunsPage(context: Pick<Page, "context">, url: string): Promise<RunsPage> {
  const page = await context.context().newPage();
  page.setDefaultTimeout(HANG_MS);
  await page.setViewportSize(VIEWPORT);
  await page.goto(`${url}/lightly-aws/`);
  return runsPage(page);
}

/** The full page in a tab. */
export function runsPage(page: Page): RunsPage {
  const run = page.locator(".lightly-page-run");
  return {
    page,
    rows: page.locator(".lightly-page-table tbody tr"),
    row: (runId) => page.locator(`.lightly-page-table tr[data-run="${runId}"]`),
    open: async (runId, tab) => {
      await page.evaluate(
        (hash) => {
          (globalThis as unknown as { location: { hash: string } }).location.hash = hash;
        },
        `#run=${runId}${tab ? `&tab=${tab}` : ""}`,
      );
      await run.locator(".lightly-page-id code", { hasText: runId }).waitFor();
      await run.locator(".lightly-runs-choice").first().waitFor();
    },
    back: async () => {
      await run.locator(".lightly-page-back").click();
      await page.locator(".lightly-page-list").waitFor();
    },
    tab: (name) => run.getByRole("tab", { name: new RegExp(`^${name}`) }),
    step: (name) => run.locator(".lightly-runs-step", { hasText: name }).last(),
    action: (label) => run.locator(".lightly-runs-actions").getByRole("button", { name: label, exact: true }),
    state: run.locator(".lightly-page-title .lightly-runs-state"),
    runId: run.locator(".lightly-page-id code"),
  };
}
