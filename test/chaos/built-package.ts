import { cp, mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../../scripts/local/package-root.ts";

const NAME = "node-red-contrib-lightly-aws";

/** Copies the build, so that a build during the rounds does not affect a restarted Node-RED. */
export async function copyBuild(target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  await cp(join(PACKAGE_ROOT, "dist"), join(target, "dist"), { recursive: true });
  await cp(join(PACKAGE_ROOT, "package.json"), join(target, "package.json"));
  await symlink(join(PACKAGE_ROOT, "node_modules"), join(target, "node_modules"), "junction");
}

/** Installs the copy in a user directory. */
export function installFrom(copy: string): (nodeModules: string) => Promise<void> {
  return async (nodeModules) => {
    const link = join(nodeModules, NAME);
    await rm(link, { force: true });
    await symlink(copy, link, "junction");
  };
}
