import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, symlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const ROOT = resolve(".");

/** The content of the archive of `npm pack`. */
export interface PackedPackage {
  readonly archive: string;
  /** Paths inside the package. */
  readonly files: readonly string[];
}

/** Packs the built package into a folder, without building it again. */
export async function packPackage(folder: string): Promise<PackedPackage> {
  const { stdout } = await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], {
    cwd: ROOT,
    shell: process.platform === "win32",
  });
  const [packed] = JSON.parse(stdout) as Array<{ filename: string; files: Array<{ path: string }> }>;
  return { archive: join(folder, packed?.filename ?? ""), files: packed?.files.map(({ path }) => path) ?? [] };
}

/**
 * Installs an archive like npm, without a network: unpacks it, and adds only the dependencies in its package.json.
 *
 * @returns the package's folder
 */
export async function installPackage(
  archive: string,
  nodeModules: string,
  name = "node-red-contrib-lightly-aws",
): Promise<string> {
  const target = join(nodeModules, name);
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await run("tar", ["-xzf", archive, "-C", target, "--strip-components", "1"]);
  const { dependencies } = JSON.parse(await readFile(join(target, "package.json"), "utf8"));
  for (const dependency of Object.keys(dependencies)) {
    const link = join(nodeModules, dependency);
    if (existsSync(link)) {
      continue;
    }
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(ROOT, "node_modules", dependency), link, "junction");
  }
  return target;
}
