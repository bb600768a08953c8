import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { deflate } from "node:zlib";

const PACKAGE = "select_frames";

/**
 * Packs the script's modules for a command: as compressed JSON, in base64. Comments, docstrings and the types of results are left out, since a
 * command has little room. A docstring is one line, which `test/services/studio/pack-script.spec.ts` checks.
 *
 * @param folder - that of the modules: `studio/select_frames` of the package
 */
export async function packScript(folder: string): Promise<string> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".py")).sort();
  const modules = await Promise.all(
    files.map(async (name): Promise<[string, string]> => {
      return [moduleName(name), shortened(await readFile(join(folder, name), "utf8"))];
    }),
  );
  const packed = await promisify(deflate)(JSON.stringify(Object.fromEntries(modules)), { level: 9, memLevel: 9 });
  return packed.toString("base64");
}

function moduleName(file: string): string {
  return file === "__init__.py" ? PACKAGE : `${PACKAGE}.${file.slice(0, -".py".length)}`;
}

function shortened(source: string): string {
  const lines = source.split("\n").filter((line) => !/^\s*(#.*|"""[^"]*""")?$/.test(line));
  return `${lines.map(shorten).join("\n")}\n`;
}

function shorten(line: string): string {
  const indented = line.replace(/^(?: {4})+/, (indent) => " ".repeat(indent.length / 4));
  return indented.replace(/\) -> [\w[\], |.]+:$/, "):");
}
