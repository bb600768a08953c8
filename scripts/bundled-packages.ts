import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A package whose code is in the bundle of the AWS SDK. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression. */
  readonly license: string;
  readonly homepage: string;
  /** The texts of its license and notice files. */
  readonly texts: readonly string[];
}

/**
 * Returns the packages that files belong to, sorted by name.
 *
 * @param files - absolute paths
 */
export async function bundledPackages(files: readonly string[]): Promise<BundledPackage[]> {
  const folders = new Set(files.filter((path) => /[\\/]node_modules[\\/]/.test(path)).map(packageFolder));
  const packages = await Promise.all([...folders].map(readPackage));
  return packages.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The nearest folder above with the package.json of a package. Some packages have others that only name the format of their files. */
function packageFolder(path: string): string {
  let folder = dirname(path);
  while (!/[\\/]node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+$/.test(folder) || !existsSync(join(folder, "package.json"))) {
    folder = dirname(folder);
  }
  return folder;
}

async function readPackage(folder: string): Promise<BundledPackage> {
  const { name, version, license, homepage = "" } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice)/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  return { name, version, license, homepage, texts: texts.map((text) => text.trim()) };
}

/** Names each package with its license, and has each text of a license once. */
export function thirdPartyNotices(packages: readonly BundledPackage[]): string {
  const names = new Map<string, string[]>();
  for (const { name, version, texts } of packages) {
    for (const text of texts) {
      names.set(text, [...(names.get(text) ?? []), `${name} ${version}`]);
    }
  }
  const list = packages.map(({ name, version, license, homepage }) =>
    [`${name} ${version}`, license, homepage].filter(Boolean).join(", "),
  );
  const licenses = [...names].map(([text, of]) => `${"-".repeat(80)}\n${of.join("\n")}\n\n${text}\n`);
  return ["The files in this folder contain parts of these packages:", "", ...list, "", ...licenses].join("\n");
}
