import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "node-html-parser";
import { ERROR_CODES } from "../../src/errors/error-codes.ts";
import { htmlToMarkdown } from "./html-markdown.ts";

const GENERATED = "<!-- Generated from the help texts: npm run docs -->";

interface NodeHelp {
  readonly type: string;
  /** The name in the palette. */
  readonly label: string;
  readonly html: string;
}

/**
 * The pages of docs that repeat what the editor says: a page per node, and the list of all error codes.
 *
 * @param root - of the package, which has to be built
 * @returns the content of each file, by its path in the package
 */
export function referencePages(root: string): ReadonlyMap<string, string> {
  const nodes = helpOf(join(root, "dist", "nodes"));
  const pages = new Map(nodes.map((node) => [`docs/nodes/${node.type}.md`, nodePage(root, node)]));
  pages.set("docs/nodes/README.md", indexPage(nodes));
  return pages.set("docs/troubleshooting.md", troubleshootingPage(nodes));
}

function helpOf(folder: string): NodeHelp[] {
  return readdirSync(folder)
    .filter((type) => existsSync(join(folder, type, "locales", "en-US", `${type}.html`)))
    .map((type) => {
      const editor = readFileSync(join(folder, type, `${type}.html`), "utf8");
      const help = readFileSync(join(folder, type, "locales", "en-US", `${type}.html`), "utf8");
      return {
        type,
        label: /paletteLabel: "([^"]+)"/.exec(editor)?.[1] ?? type.replaceAll("-", " "),
        html: parse(help, { blockTextElements: { script: true } }).textContent,
      };
    });
}

function nodePage(root: string, { type, label, html }: NodeHelp): string {
  const picture = `images/form-${type.replace("lightly-", "")}.png`;
  const shown = existsSync(join(root, "docs", picture)) ? [`![The form](../${picture})`] : [];
  return page([`# ${label}`, `Type \`${type}\`.`, htmlToMarkdown(html), ...shown]);
}

function indexPage(nodes: readonly NodeHelp[]): string {
  const rows = nodes.map(({ type, label, html }) => {
    const [first = ""] = htmlToMarkdown(html).split("\n");
    return `| [${label}](${type}.md) | ${first} |`;
  });
  return page(["# Nodes", ["| node | |", "|---|---|", ...rows].join("\n")]);
}

/** The advice of each node that says something about a code, once per text. */
function troubleshootingPage(nodes: readonly NodeHelp[]): string {
  const advice = new Map<string, Map<string, string[]>>();
  for (const { type, html } of nodes) {
    for (const term of parse(html).querySelectorAll("dt")) {
      const code = term.textContent.trim();
      const text =
        code in ERROR_CODES && term.nextElementSibling
          ? htmlToMarkdown(`<p>${term.nextElementSibling.innerHTML}</p>`)
          : "";
      if (text !== "") {
        const texts = advice.get(code) ?? new Map<string, string[]>();
        texts.set(text, [...(texts.get(text) ?? []), type]);
        advice.set(code, texts);
      }
    }
  }
  const sections = Object.entries(ERROR_CODES).map(([code, meaning]) => {
    const texts = [...(advice.get(code) ?? [])].map(
      ([text, types]) => `- ${text} (${nodesNamed(types, nodes.length)})`,
    );
    return [`### ${code}`, meaning, ...(texts.length > 0 ? [texts.join("\n")] : [])].join("\n\n");
  });
  return page([
    "# Errors",
    "Each error has a code: `msg.error.code` after a catch node, and in the Runs panel. Its message names the resource and says what to do.",
    ...sections,
  ]);
}

function nodesNamed(types: readonly string[], all: number): string {
  return types.length > all / 2 ? "most nodes" : types.map((type) => `[${type}](nodes/${type}.md)`).join(", ");
}

function page(parts: readonly string[]): string {
  const [title = "", ...rest] = parts;
  return `${[title, GENERATED, ...rest].join("\n\n")}\n`;
}
