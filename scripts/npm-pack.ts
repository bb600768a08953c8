import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

/** The archive of `npm pack`. */
export interface PackedPackage {
  readonly archive: string;
  /** Paths inside the package. */
  readonly files: readonly string[];
}

/** Packs a package as it is published, without building it. */
export async function npmPack(root: string, destination: string): Promise<PackedPackage> {
  const folder = resolve(destination);
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const { stdout } = await promisify(execFile)("npm", args, { cwd: root, shell: process.platform === "win32" });
  const [packed] = JSON.parse(stdout) as [{ filename: string; files: Array<{ path: string }> }];
  return { archive: join(folder, packed.filename), files: packed.files.map(({ path }) => path) };
}
