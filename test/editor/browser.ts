import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Browser, chromium } from "playwright-core";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** A headless Chromium. */
export interface TestBrowser {
  readonly browser: Browser;
  /** Ends the browser. */
  close(): Promise<void>;
}

/** A program, and its environment variables. */
interface Executable {
  readonly path: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Whether a browser is available: the one in `CHROMIUM_PATH`, or the one in `@sparticuz/chromium`, which is for Linux on x64.
 *
 * @returns the reason if there is none
 */
export function whyNoBrowser(): string | undefined {
  return process.env.CHROMIUM_PATH || (process.platform === "linux" && process.arch === "x64")
    ? undefined
    : "There is no Chromium for this system among the dependencies: set CHROMIUM_PATH to one.";
}

/** Starts a browser with an empty profile. */
export async function launchBrowser(): Promise<TestBrowser> {
  executable ??= findExecutable();
  const { path, environment } = await executable;
  const browser = await chromium.launch({
    executablePath: path,
    env: { ...process.env, ...environment },
    // Only these arguments of the package: its `--single-process` ends the browser when one page is closed.
    args: ["--no-sandbox", "--no-zygote", "--disable-gpu"],
  });
  return { browser, close: () => browser.close() };
}

/** Found once in each process, since unpacking Chromium takes seconds. */
let executable: Promise<Executable> | undefined;

async function findExecutable(): Promise<Executable> {
  const { CHROMIUM_PATH } = process.env;
  return CHROMIUM_PATH ? { path: CHROMIUM_PATH, environment: {} } : unpackChromium(temporaryFolder());
}

const UNPACK = `
  import chromium from "@sparticuz/chromium";
  process.stdout.write(await chromium.executablePath());
`;

/**
 * Unpacks the Chromium of `@sparticuz/chromium` with its libraries (NSS, NSPR and others that a minimal system does not have) and a font.
 * The package does that on AWS Lambda only, which it detects by `AWS_EXECUTION_ENV`, and always in the folder for temporary files. Both are
 * set in a separate process, so that they don't affect the tests.
 */
async function unpackChromium(folder: string): Promise<Executable> {
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", UNPACK], {
    cwd: import.meta.dirname,
    env: { ...process.env, TMPDIR: folder, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x" },
  });
  const fonts = join(folder, "fonts.conf");
  await writeFile(fonts, fontConfiguration(folder));
  return { path: stdout, environment: { LD_LIBRARY_PATH: join(folder, "al2023", "lib"), FONTCONFIG_FILE: fonts } };
}

/** The package's configuration searches its font in folders of Lambda. Without a font no text is drawn. */
function fontConfiguration(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(folder, "fonts")}</dir>
  <cachedir>${join(folder, "font-cache")}</cachedir>
</fontconfig>
`;
}
