import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { build } from "esbuild";
import { withRows } from "./shared-rows.ts";

/**
 * Builds the html that the editor loads for one set: the form (if there is one) with its shared rows, its style,
 * and the script with its imports. The script stays readable, and `registerType` stays a call with a literal type and an inline
 * object, since tools that inspect packages read it.
 *
 * @param options.script - path of `<name>.editor.ts`
 * @param options.form - path of `<name>.html`, which need not exist
 * @param options.rows - folder of the rows that forms share, see {@link withRows}
 * @param options.style - CSS of all forms; a set without a form may have its own, `<name>.css`, with what that imports
 */
export async function buildEditorHtml(options: {
  script: string;
  form: string;
  rows: string;
  style: string;
}): Promise<string> {
  const form = await readFile(options.form, "utf8").catch(() => undefined);
  const own = options.script.replace(/\.editor\.ts$/, ".css");
  const css = form === undefined ? await bundleIfPresent(own) : options.style;
  const style = css === "" ? "" : `<style>\n${css.trim()}\n</style>\n`;
  const script = await bundle(options.script);
  return `${await withRows(form ?? "", options.rows)}${style}<script type="text/javascript">\n${script}</script>\n`;
}

async function bundleIfPresent(entry: string): Promise<string> {
  return existsSync(entry) ? await bundle(entry) : "";
}

async function bundle(entry: string): Promise<string> {
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
  });
  // A closing tag inside a string of the script would end the script element.
  return (result.outputFiles[0]?.text ?? "").replaceAll("</script", "<\\/script");
}
