import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { findPython, PythonMissing } from "./find-python.ts";
import { progressBar } from "./progress-bar.ts";

/** The packages that the judge of the script uses, each with its version; and what models need, which are imported only where they are used. */
const REQUIREMENTS = join(import.meta.dirname, "../../test/conformance");
const LISTS = ["requirements-studio.txt", "requirements-studio-models.txt"] as const;
const PYTHON = { least: 11, most: 13 } as const;
const GIB = 2 ** 30;
/** Sizes in GiB; pip unpacks each package beside its download. */
const SMALL = { installed: 1.2, needed: 3, download: 0.4, minutes: "1 to 3", note: "" };
const WITH_MODELS = {
  installed: 6.5,
  needed: 12,
  download: 3,
  minutes: "5 to 10",
  note: ", of which PyTorch and CUDA are 5",
};
const REPORT_MS = 1000;

export interface StudioEnvironmentOptions {
  /** The folder of the environments, one for each list of packages. */
  readonly folder: string;
  /** Whether frames are embedded with a model, and not with the color grid. */
  readonly models: boolean;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Returns the interpreter of a virtual environment with LightlyStudio. It is made once, and kept.
 *
 * @throws Error with what is missing: Python, space, or the package index
 */
export async function studioEnvironment({ folder, models, log, signal }: StudioEnvironmentOptions): Promise<string> {
  const lists = (models ? LISTS : LISTS.slice(0, 1)).map((name) => join(REQUIREMENTS, name));
  const requirements = (await Promise.all(lists.map((list) => readFile(list, "utf8")))).join("");
  const size = models ? WITH_MODELS : SMALL;
  const { command, version } = await findPython(PYTHON).catch((error: unknown) => {
    throw error instanceof PythonMissing
      ? new Error(
          `--studio needs ${error.message}. Install it, or name one in PYTHON. Without --studio, no Python is needed.`,
        )
      : error;
  });
  const hash = createHash("sha256").update(requirements).update(version).digest("hex").slice(0, 16);
  const environment = join(folder, hash);
  const python = join(environment, "bin", "python");
  const complete = join(environment, "complete");
  if (existsSync(complete) && existsSync(python)) {
    log(`LightlyStudio is installed in ${environment}.`);
    return python;
  }
  await mkdir(folder, { recursive: true });
  await requireSpace(folder, size.needed);
  const packages = requirements.split("\n").filter((line) => /^[a-z]/i.test(line)).length;
  log(`Installing LightlyStudio and ${packages - 1} packages from PyPI in ${environment}:
  ${size.installed} GB on disk${size.note}; about ${size.download} GB to download; ${size.minutes} minutes.
  It is kept for the next time. To remove it, delete ${folder}.`);
  await rm(environment, { recursive: true, force: true });
  await run(command, ["-m", "venv", environment], signal);
  const progress = await showProgress({ environment, version, packages, log });
  const install = ["-m", "pip", "install", "--no-input", "--no-deps", ...lists.flatMap((list) => ["-r", list])];
  try {
    await run(python, install, signal, progress.onLine);
  } finally {
    progress.end();
  }
  await writeFile(complete, "");
  return python;
}

async function requireSpace(folder: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = (bavail * bsize) / GIB;
  if (free < needed) {
    throw new Error(
      `--studio needs ${needed} GB of free space for the installation, and ${folder} has ${free.toFixed(1)} GB. Free some, or choose another disk with --state.`,
    );
  }
}

interface ShownProgress {
  /** Receives the lines of pip. */
  readonly onLine: (line: string) => void;
  end(): void;
}

/** Shows how many packages are downloaded, and then how many are installed. */
async function showProgress(o: {
  readonly environment: string;
  readonly version: string;
  readonly packages: number;
  readonly log: (line: string) => void;
}): Promise<ShownProgress> {
  const site = join(o.environment, "lib", `python${o.version}`, "site-packages");
  const found = async (): Promise<number> =>
    (await readdir(site).catch(() => [])).filter((name) => name.endsWith(".dist-info")).length;
  // pip itself.
  const before = await found();
  const bar = progressBar(o.log);
  let downloaded = 0;
  const show = async (): Promise<void> => {
    const installed = (await found()) - before;
    const text = `${downloaded} of ${o.packages} packages downloaded, ${installed} installed`;
    bar.show(Math.min(1, (downloaded + installed) / (2 * o.packages)), text);
  };
  const timer = setInterval(() => void show(), REPORT_MS);
  return {
    onLine: (line) => {
      downloaded += /^(?:Collecting|Processing) /.test(line.trim()) ? 1 : 0;
    },
    end: () => {
      clearInterval(timer);
      bar.end();
    },
  };
}

async function run(
  command: string,
  args: readonly string[],
  signal: AbortSignal,
  onLine: (line: string) => void = () => {},
): Promise<void> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], signal });
  createInterface({ input: child.stdout }).on("line", onLine);
  const [[code], errors] = await Promise.all([once(child, "close"), text(child.stderr)]);
  if (code !== 0) {
    const reason = errors.trim().split("\n").slice(-3).join("\n");
    throw new Error(`LightlyStudio could not be installed (is the package index reachable?): ${reason}`);
  }
}
