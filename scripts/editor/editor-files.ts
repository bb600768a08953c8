import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { formHtml } from "../form-html.ts";
import { readFields } from "../read-fields.ts";
import { bundle } from "./bundle.ts";
import { formScript } from "./form-script.ts";
import { type NodeScript, nodeScript } from "./node-script.ts";
import { setHtml } from "./set-html.ts";

/** The set whose html has what the forms of all nodes share: the editor loads plugins before nodes. */
const PLUGIN = "lightly-aws";

/**
 * The html that the editor loads for each set.
 *
 * @param source - the folder `src`
 * @param scripts - the paths of all `<name>.editor.ts`, relative to it
 * @returns the html of each, by its path in the output folder
 */
export async function editorFiles(source: string, scripts: readonly string[]): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const nodes: NodeScript[] = [];
  for (const path of scripts.filter((script) => script.startsWith("nodes"))) {
    const { form, script } = await nodeParts(source, path);
    nodes.push(script);
    files.set(htmlOf(path), await setHtml({ form, scripts: [script.code] }));
  }
  for (const path of scripts.filter((script) => !script.startsWith("nodes"))) {
    const script = join(source, path);
    const style = script.replace(/\.editor\.ts$/, ".css");
    const shared = basename(path, ".editor.ts") === PLUGIN ? [await formScript(source, nodes)] : [];
    files.set(
      htmlOf(path),
      await setHtml({
        style: existsSync(style) ? style : undefined,
        scripts: [...shared, await bundle({ entryPoints: [script] })],
      }),
    );
  }
  return files;
}

function htmlOf(script: string): string {
  return script.replace(/\.editor\.ts$/, ".html");
}

async function nodeParts(source: string, path: string): Promise<{ form: string; script: NodeScript }> {
  const script = join(source, path);
  const folder = dirname(script);
  const fields = (await readFields(folder)) ?? {};
  const type = basename(path, ".editor.ts");
  const { [type]: texts } = JSON.parse(await readFile(join(folder, "locales", "en-US", `${type}.json`), "utf8"));
  const form = await formHtml({
    type,
    fields,
    isConfig: /category: "config"/.test(await readFile(script, "utf8")),
    tips: Object.keys(texts.tip ?? {}),
    rowFolders: [join(folder, "rows"), join(source, "editor", "rows")],
  });
  return { form, script: await nodeScript(script, fields) };
}
