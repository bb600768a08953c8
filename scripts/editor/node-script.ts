import { readFile } from "node:fs/promises";
import { basename, dirname, resolve, sep } from "node:path";
import type { Plugin } from "esbuild";
import type { Fields } from "../../src/fields/field.ts";
import { migratedProperties } from "../../src/fields/migrations.ts";
import { bundle } from "./bundle.ts";

/** The script of one node in the editor. */
export interface NodeScript {
  readonly code: string;
  /** The names that it uses of each module outside of its folder. */
  readonly imports: ReadonlyMap<string, readonly string[]>;
}

/**
 * Creates the script that the editor loads for one node. It contains only the modules in the folder of the node, and gets those that nodes share
 * from `formScript`. It stays readable, and `registerType` stays a call with a literal type and an inline object with `defaults` and
 * `credentials`, because tools that inspect packages read them there.
 *
 * @param path - of `<name>.editor.ts`
 */
export async function nodeScript(path: string, fields: Fields): Promise<NodeScript> {
  const plugins = [namesWrittenOut(basename(path, ".editor.ts"), fields), sharedModules(dirname(path))];
  const { code, imports } = separateImports(await bundle({ entryPoints: [path], format: "esm", plugins }));
  const names = [...imports.values()].flat().map((name) => name.replace(" as ", ": "));
  // Without the name of a file of which only imports are left.
  const body = code
    .trim()
    .replace(/^\/\/ .*\n\n/, "")
    .replaceAll(/^(?=.)/gm, "  ");
  return {
    code: `(globalThis.lightlyAwsForms ??= []).push(({ ${names.join(", ")} }) => {\n${body}\n});\n`,
    imports: new Map([...imports].map(([module, used]) => [module, used.map((name) => name.replace(/ as .*/, ""))])),
  };
}

/** The import statements that esbuild has written, and the rest of the code. */
function separateImports(bundled: string): { code: string; imports: Map<string, string[]> } {
  const imports = new Map<string, string[]>();
  const code = bundled.replaceAll(/^import \{([^}]*)\} from "([^"]+)";\n/gm, (_whole, names: string, path: string) => {
    imports.set(path, names.trim().split(/\s*,\s*/));
    return "";
  });
  return { code, imports };
}

/** Leaves imports of modules outside of a folder to their users, with absolute paths. */
function sharedModules(folder: string): Plugin {
  return {
    name: "shared-modules",
    setup({ onResolve }) {
      onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
        const module = resolve(resolveDir, path);
        return module.startsWith(folder + sep) ? null : { path: module, external: true, sideEffects: false };
      });
    },
  };
}

/** Inlines `defaults: form.defaults` as an object with the name of each property. */
function namesWrittenOut(type: string, fields: Fields): Plugin {
  const entries = Object.entries(fields);
  const names = {
    defaults: [
      "name",
      ...entries
        .filter(([, { kind }]) => kind !== "secret")
        .flatMap(([name, { typed }]) => (typed ? [name, `${name}Type`] : [name])),
      ...Object.keys(migratedProperties(type)),
    ],
    credentials: entries.filter(([, { kind }]) => kind === "secret").map(([name]) => name),
  };
  return {
    name: "names-written-out",
    setup({ onLoad }) {
      onLoad({ filter: /\.editor\.ts$/ }, async ({ path }) => {
        const source = await readFile(path, "utf8");
        const contents = source.replaceAll(
          /\b(defaults|credentials): form\.\1\b/g,
          (_whole, part: "defaults" | "credentials") =>
            `${part}: { ${names[part].map((name) => `\n${name}: form.${part}.${name},`).join("")}\n}`,
        );
        return { contents, loader: "ts" };
      });
    },
  };
}
