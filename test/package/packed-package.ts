import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, symlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { npmPack, type PackedPackage } from "../../scripts/npm-pack.ts";

const run = promisify(execFile);
const ROOT = resolve(".");

/** Packs the built package into a folder, without building it again. */
export function packPackage(folder: string): Promise<PackedPackage> {
  return npmPack(ROOT, folder);
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
