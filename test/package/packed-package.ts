import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { npmPack, type PackedPackage } from "../../scripts/npm-pack.ts";
import { CACHE_DIR } from "../support/cache-folder.ts";

const run = promisify(execFile);
const ROOT = resolve(".");

/**
 * Packs the built package, without building it again. `npm pack` takes seconds of processor time, so that spec files share the archive: a folder
 * for each state of the packed files.
 */
export async function packPackage(): Promise<PackedPackage> {
  const folder = join(CACHE_DIR, `packed-${await stateOfFiles()}`);
  const result = join(folder, "packed.json");
  if (!existsSync(result)) {
    await mkdir(CACHE_DIR, { recursive: true });
    const made = await mkdtemp(join(CACHE_DIR, ".packed-"));
    try {
      for (const old of (await readdir(CACHE_DIR)).filter((name) => name.startsWith("packed-"))) {
        await rm(join(CACHE_DIR, old), { recursive: true, force: true });
      }
      const { archive, files } = await npmPack(ROOT, made);
      await writeFile(join(made, basename(result)), JSON.stringify({ archive: basename(archive), files }));
      // The folder appears complete or not at all. Another process may have made it in the meantime.
      await rename(made, folder).catch((error: unknown) => {
        if (!existsSync(result)) {
          throw error;
        }
      });
    } finally {
      await rm(made, { recursive: true, force: true });
    }
  }
  const { archive, files } = JSON.parse(await readFile(result, "utf8"));
  return { archive: join(folder, archive), files };
}

/** Changes whenever a file of the package does. */
async function stateOfFiles(): Promise<string> {
  const { files } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
  const hash = createHash("sha256");
  for (const top of ["package.json", "LICENSE", "README.md", ...files]) {
    const inside = await readdir(join(ROOT, top), { recursive: true }).catch(() => []);
    for (const path of [top, ...inside.sort().map((name) => join(top, name))]) {
      const { size, mtimeMs } = await stat(join(ROOT, path));
      hash.update(`${path} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest("hex").slice(0, 16);
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
