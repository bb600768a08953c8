import { readFile } from "node:fs/promises";
import { join } from "node:path";

const ROWS = /^( *)<!-- rows: ([\w-]+) -->\n/m;

/**
 * Inserts the shared parts of forms and help texts: a line `<!-- rows: retries -->` is replaced by the file
 * `retries.html` of the folder, with the indentation of that line.
 */
export async function withRows(html: string, folder: string): Promise<string> {
  const [line, indent = "", name] = ROWS.exec(html) ?? [];
  if (line === undefined) {
    return html;
  }
  const rows = await readFile(join(folder, `${name}.html`), "utf8");
  const indented = rows.replaceAll(/^(?=.)/gm, indent);
  return withRows(
    html.replace(line, () => indented),
    folder,
  );
}
