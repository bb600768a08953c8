import { bundle } from "./bundle.ts";

/** What the editor loads for one set, for {@link setHtml}. */
export interface SetHtmlOptions {
  /** The html of a node's form. */
  readonly form?: string;
  /** The path of a CSS file. */
  readonly style?: string;
  readonly scripts: readonly string[];
}

/** Creates the html that the editor loads for one set: a form, a style, and scripts. */
export async function setHtml({ form = "", style, scripts }: SetHtmlOptions): Promise<string> {
  const css = style === undefined ? "" : (await bundle({ entryPoints: [style] })).trim();
  const elements = [
    ...(css === "" ? [] : [`<style>\n${css}\n</style>\n`]),
    // A closing tag in a string of the script would end the script element.
    ...scripts.map(
      (code) => `<script type="text/javascript">\n${code.replaceAll("</script", "<\\/script")}</script>\n`,
    ),
  ];
  return form + elements.join("");
}
