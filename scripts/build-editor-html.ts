import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { build, type Plugin } from "esbuild";
import type { Fields } from "../src/fields/field.ts";
import { migratedProperties } from "../src/fields/migrations.ts";

/** What the editor loads for one set, for {@link buildEditorHtml}. */
export interface BuildEditorHtmlOptions {
  /** The path of `<name>.editor.ts`. */
  readonly script: string;
  /** The fields of the node; absent if the set has no form. */
  readonly fields?: Fields;
  /** The html of the form. */
  readonly form: string;
  /** The CSS file of the form, or of a set without a form. */
  readonly style?: string;
}

/**
 * Creates the html that the editor loads for one set: the form (if any), its style, and the script with its imports. The script stays
 * readable, and `registerType` stays a call with a literal type and an inline object with `defaults` and `credentials`, because tools that
 * inspect packages read them there.
 */
export async function buildEditorHtml({ script, fields, form, style }: BuildEditorHtmlOptions): Promise<string> {
  const css = style === undefined ? "" : (await bundle(style)).trim();
  const element = css === "" ? "" : `<style>\n${css}\n</style>\n`;
  return `${form}${element}<script type="text/javascript">\n${await bundle(script, fields)}</script>\n`;
}

/** A script or a style sheet with its imports. */
async function bundle(entry: string, fields?: Fields): Promise<string> {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "iife",
    platform: "browser",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    logLevel: "silent",
    plugins: fields ? [namesWrittenOut(basename(entry, ".editor.ts"), fields)] : [],
  });
  // A closing tag in a string of the script would end the script element.
  return (result.outputFiles[0]?.text ?? "").replaceAll("</script", "<\\/script");
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
