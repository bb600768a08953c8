import { spawn } from "node:child_process";
import { glob, mkdir, readdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, relative, resolve } from "node:path";
import { bundleSdk } from "./bundle-sdk.ts";
import { editorFiles } from "./editor/editor-files.ts";
import { lazyImports } from "./lazy-imports.ts";
import { localizedFile } from "./localized-file.ts";

/** The result of a build; paths are relative to the output folder. */
export interface BuildReport {
  readonly files: readonly string[];
  readonly removed: readonly string[];
  /** Whether the code compiled; the compiler's messages go to the console. */
  readonly compiled: boolean;
  readonly milliseconds: number;
}

/**
 * Builds the package: compiles the runtime, bundles the AWS SDK and the editor scripts into each set's html, copies catalogs, help and icons,
 * and removes files of earlier builds without a source. A folder in use is never empty in between.
 */
export async function buildPackage(options: { root: string; outDir: string }): Promise<BuildReport> {
  const startedAt = performance.now();
  const source = resolve(options.root, "src");
  const outDir = resolve(options.outDir);
  const [compiled, copied, sdk] = await Promise.all([
    compile(options.root, outDir),
    writeAll(outDir, await copiedFiles(source)),
    bundleSdk(options.root),
  ]);
  const modules = await runtimeFiles(source);
  await loadLazily(outDir, modules);
  // In place of what the compiler has written there.
  const bundled = await writeAll(outDir, sdk.files);
  const current = new Set([...copied, ...bundled, ...modules]);
  const removed = await removeStale(outDir, current);
  return { files: [...current].sort(), removed, compiled, milliseconds: performance.now() - startedAt };
}

/** Runs the TypeScript compiler, which mirrors `src` into the output folder. */
function compile(root: string, outDir: string): Promise<boolean> {
  const require = createRequire(join(root, "package.json"));
  const compiler = join(dirname(require.resolve("typescript/package.json")), "bin", "tsc");
  const run = spawn(process.execPath, [compiler, "-p", join(root, "tsconfig.json"), "--outDir", outDir], {
    cwd: root,
    stdio: "inherit",
  });
  return new Promise((done, failed) => {
    run.once("error", failed);
    run.once("exit", (code) => done(code === 0));
  });
}

async function loadLazily(outDir: string, modules: readonly string[]): Promise<void> {
  for (const path of modules.map((module) => join(outDir, module))) {
    const code = await readFile(path, "utf8").catch(() => ""); // The compiler has failed.
    const lazy = lazyImports(code);
    if (lazy !== code) {
      await writeFile(path, lazy);
    }
  }
}

async function find(folder: string, pattern: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const path of glob(pattern, { cwd: folder })) {
    paths.push(path);
  }
  return paths.sort();
}

async function runtimeFiles(source: string): Promise<string[]> {
  const modules = await find(source, "**/*.ts");
  return modules
    .filter((path) => !/\.(editor|d)\.ts$/.test(path) && !/^(editor|sidebar)[\\/]/.test(path))
    .map((path) => path.replace(/\.ts$/, ".js"));
}

/** The files that the editor loads, and the script for LightlyStudio, by their path in the output folder. */
async function copiedFiles(source: string): Promise<Map<string, string>> {
  const files = await editorFiles(source, await find(source, "**/*.editor.ts"));
  for (const html of [...files.keys()]) {
    const icon = `${basename(html, ".html")}.svg`;
    for (const found of await find(join(source, "icons"), icon)) {
      files.set(join(dirname(html), "icons", icon), await readFile(join(source, "icons", found), "utf8"));
    }
  }
  for (const path of await find(source, "studio/**/*.py")) {
    files.set(path, await readFile(join(source, path), "utf8"));
  }
  for (const path of await find(source, "{nodes,plugins}/**/locales/*/*.{json,html}")) {
    files.set(path, await localizedFile(source, path));
  }
  return files;
}

async function writeAll(outDir: string, files: ReadonlyMap<string, string>): Promise<string[]> {
  for (const [path, content] of files) {
    const target = join(outDir, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
  }
  return [...files.keys()];
}

/** Removes files that are not part of the build, and folders that have become empty. */
async function removeStale(outDir: string, current: ReadonlySet<string>): Promise<string[]> {
  const entries = await readdir(outDir, { recursive: true, withFileTypes: true });
  const removed: string[] = [];
  for (const entry of entries.filter((found) => !found.isDirectory())) {
    const path = relative(outDir, join(entry.parentPath, entry.name));
    if (!current.has(path)) {
      await rm(join(outDir, path));
      removed.push(path);
    }
  }
  const folders = entries.filter((found) => found.isDirectory()).map((found) => join(found.parentPath, found.name));
  for (const folder of folders.sort((a, b) => b.length - a.length)) {
    if ((await readdir(folder)).length === 0) {
      await rmdir(folder);
    }
  }
  return removed.sort();
}
