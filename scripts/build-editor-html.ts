import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

/**
 * Makes the html that the editor loads for one set: the form (if there is one) with the rows that it shares with others, its style,
 * and the script with what it imports. The script stays readable, and `registerType` stays a call with a literal type and an inline
 * object: tools that look into packages read it there.
 *
 * @param options.script - path of `<name>.editor.ts`
 * @param options.form - path of `<name>.html`, which need not exist
 * @param options.rows - folder of the shared rows: `<!-- rows: retries -->` in a form stands for its `retries.html`
 * @param options.style - CSS of all forms; a set without a form has its own, `<name>.css`, if it needs one
 */
export async function buildEditorHtml(options: {
  script: string;
  form: string;
  rows: string;
  style: string;
}): Promise<string> {
  const form = await readFile(options.form, "utf8").catch(() => undefined);
  const own = options.script.replace(/\.editor\.ts$/, ".css");
  const css = form === undefined ? await readFile(own, "utf8").catch(() => "") : options.style;
  const style = css === "" ? "" : `<style>\n${css.trim()}\n</style>\n`;
  const script = await bundle(options.script);
  return `${await withRows(form ?? "", options.rows)}${style}<script type="text/javascript">\n${script}</script>\n`;
}

const ROWS = /^( *)<!-- rows: (\w+) -->\n/m;

/** Puts shared rows where a form asks for them, with the indentation that they have there. */
async function withRows(form: string, folder: string): Promise<string> {
  const [line, indent = "", name] = ROWS.exec(form) ?? [];
  if (line === undefined) {
    return form;
  }
  const rows = await readFile(join(folder, `${name}.html`), "utf8");
  const indented = rows.replaceAll(/^(?=.)/gm, indent);
  return withRows(
    form.replace(line, () => indented),
    folder,
  );
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
  // A closing tag inside a text of the script would end the script element.
  return (result.outputFiles[0]?.text ?? "").replaceAll("</script", "<\\/script");
}
