import { type Browser, chromium } from "playwright-core";
import { closeAtEnd } from "../support/close-at-end.ts";
import { findChromium } from "./chromium.ts";

/** A headless Chromium. */
export interface TestBrowser {
  readonly browser: Browser;
  /** Ends the browser. */
  close(): Promise<void>;
}

/** Most pages live for seconds. With room for new objects, the garbage collector runs less often: a twentieth of the processor time. */
const QUICKER = "--js-flags=--min-semi-space-size=64,--max-semi-space-size=128";

/** Starts a browser with an empty profile. */
export async function launchBrowser(): Promise<TestBrowser> {
  const { path, environment } = await findChromium();
  const browser = await chromium.launch({
    executablePath: path,
    env: { ...process.env, ...environment },
    // Only these arguments of the package: its `--single-process` ends the browser when one page is closed.
    args: ["--no-sandbox", "--no-zygote", "--disable-gpu", QUICKER],
  });
  return { browser, close: () => browser.close() };
}

let shared: TestBrowser | undefined;

/**
 * The browser of this process, which spec files share because its start takes more than a second of processor time. Each suite opens contexts
 * of its own, and closes them: they share no storage, cache or permissions.
 */
export async function sharedBrowser(): Promise<Browser> {
  if (!shared?.browser.isConnected()) {
    shared = await launchBrowser();
    closeAtEnd(shared.close);
  }
  return shared.browser;
}
