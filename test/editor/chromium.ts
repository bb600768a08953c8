import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { CACHE_DIR } from "../support/cache-folder.ts";

/** A program, and its environment variables. */
export interface Executable {
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

/** Finds the browser. The one in `@sparticuz/chromium` is unpacked once, which takes seconds, into a folder that all processes share. */
export function findChromium(): Promise<Executable> {
  const { CHROMIUM_PATH } = process.env;
  found ??= CHROMIUM_PATH ? Promise.resolve({ path: CHROMIUM_PATH, environment: {} }) : unpackedChromium();
  return found;
}

let found: Promise<Executable> | undefined;

async function unpackedChromium(): Promise<Executable> {
  const folder = join(CACHE_DIR, `chromium-${await packageVersion()}`);
  const path = join(folder, "chromium");
  const fonts = join(folder, "fonts.conf");
  if (!(await exists(fonts))) {
    await mkdir(CACHE_DIR, { recursive: true });
    const unpacked = await mkdtemp(join(CACHE_DIR, ".chromium-"));
    try {
      await unpack(unpacked, basename(path));
      await writeFile(join(unpacked, basename(fonts)), fontConfiguration(folder));
      // The folder appears complete or not at all. Another process may have made it in the meantime.
      await rename(unpacked, folder).catch(async (error: unknown) => {
        if (!(await exists(fonts))) {
          throw error;
        }
      });
    } finally {
      await rm(unpacked, { recursive: true, force: true });
    }
  }
  return { path, environment: { LD_LIBRARY_PATH: join(folder, "al2023", "lib"), FONTCONFIG_FILE: fonts } };
}

/** The package exports its code only, so that its package.json is found from there. */
async function packageVersion(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve("@sparticuz/chromium");
  const { version } = JSON.parse(await readFile(join(dirname(entry), "../../package.json"), "utf8"));
  return version;
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
async function unpack(folder: string, name: string): Promise<void> {
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", UNPACK], {
    cwd: import.meta.dirname,
    env: { ...process.env, TMPDIR: folder, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x" },
  });
  if (stdout !== join(folder, name)) {
    throw new Error(`@sparticuz/chromium unpacks to ${stdout} instead of ${join(folder, name)}.`);
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
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
