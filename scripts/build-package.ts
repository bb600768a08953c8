import { spawn } from "node:child_process";
import { glob, mkdir, readdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, relative, resolve } from "node:path";
import { buildEditorHtml } from "./build-editor-html.ts";
import { withRows } from "./shared-rows.ts";

/** The result of a build; paths are relative to the output folder. */
export interface BuildReport {
  readonly files: readonly string[];
  readonly removed: readonly string[];
  /** Whether the code compiled; the compiler's messages go to the console. */
  readonly compiled: boolean;
  readonly milliseconds: number;
}

/**
 * Builds the package: compiles the runtime half, bundles the editor half into each set's html, copies catalogs, help and icons,
 * and removes files of earlier builds that have no source any more. A folder in use is never empty in between.
 */
export async function buildPackage(options: { root: string; outDir: string }): Promise<BuildReport> {
  const startedAt = performance.now();
  const source = resolve(options.root, "src");
  const outDir = resolve(options.outDir);
  const [compiled, editorHalf] = await Promise.all([
    compile(options.root, outDir),
    writeAll(outDir, await editorFiles(source)),
  ]);
  const current = new Set([...editorHalf, ...(await runtimeFiles(source))]);
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

/** The files that the editor loads, by their path in the output folder. */
async function editorFiles(source: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const style = await readFile(join(source, "editor", "form.css"), "utf8");
  const rows = join(source, "editor", "rows");
  for (const script of await find(source, "**/*.editor.ts")) {
    const html = script.replace(/\.editor\.ts$/, ".html");
    files.set(html, await buildEditorHtml({ script: join(source, script), form: join(source, html), rows, style }));
    const icon = `${basename(html, ".html")}.svg`;
    for (const found of await find(join(source, "icons"), icon)) {
      files.set(join(dirname(html), "icons", icon), await readFile(join(source, "icons", found), "utf8"));
    }
  }
  for (const path of await find(source, "{nodes,plugins}/**/locales/*/*.{json,html}")) {
    const text = await readFile(join(source, path), "utf8");
    const shared = join(source, "editor", "locales", basename(dirname(path)));
    const whole = path.endsWith(".json") ? withSharedTexts(text, shared) : withRows(text, shared);
    files.set(path, await whole);
  }
  return files;
}

/** Adds the texts that all forms share to a set's catalog, if they exist in its language. */
async function withSharedTexts(text: string, folder: string): Promise<string> {
  const texts = await readFile(join(folder, "shared.json"), "utf8").catch(() => undefined);
  return texts === undefined
    ? text
    : `${JSON.stringify({ ...JSON.parse(text), "lightly-aws": JSON.parse(texts) }, null, 2)}\n`;
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
