import { type HTMLElement, type Node, NodeType, parse } from "node-html-parser";

const MARKS: Readonly<Record<string, string>> = { code: "`", b: "**", strong: "**", i: "*", em: "*" };

/** Converts a help text of the editor to Markdown. A list of properties becomes a table. */
export function htmlToMarkdown(html: string): string {
  return blocks(parse(html)).join("\n\n");
}

function blocks(parent: HTMLElement): string[] {
  return elementsOf(parent).map((element) => {
    const name = element.tagName.toLowerCase();
    if (/^h\d$/.test(name)) {
      return `## ${inline(element)}`;
    }
    if (name === "dl") {
      return table(element);
    }
    if (name === "ul" || name === "ol") {
      return elementsOf(element)
        .map((item, index) => `${name === "ul" ? "-" : `${index + 1}.`} ${inline(item)}`)
        .join("\n");
    }
    return name === "pre" ? `\`\`\`\n${element.textContent.trim()}\n\`\`\`` : inline(element);
  });
}

function table(list: HTMLElement): string {
  const rows: { name: string; type: string; text: string }[] = [];
  for (const element of elementsOf(list)) {
    if (element.tagName === "DT") {
      const type = element.querySelector(".property-type");
      const name = element.childNodes
        .filter((node) => node !== type)
        .map(toInline)
        .join("")
        .trim();
      const isCode = /^([a-z][\w.[\]]*|[A-Z0-9_]{6,})$/.test(name);
      rows.push({ name: isCode ? `\`${name}\`` : name, type: cell(type?.textContent ?? ""), text: "" });
    } else {
      const last = rows.at(-1);
      if (last) {
        last.text = cell(inline(element));
      }
    }
  }
  const hasTypes = rows.some(({ type }) => type !== "");
  const head = hasTypes ? ["| | | |", "|---|---|---|"] : ["| | |", "|---|---|"];
  return [
    ...head,
    ...rows.map(({ name, type, text }) => `| ${[name, ...(hasTypes ? [type] : []), text].join(" | ")} |`),
  ].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function inline(element: HTMLElement): string {
  return element.childNodes.map(toInline).join("").replaceAll(/\s+/g, " ").trim();
}

function toInline(node: Node): string {
  if (node.nodeType !== NodeType.ELEMENT_NODE) {
    return node.textContent;
  }
  const element = node as HTMLElement;
  const name = element.tagName.toLowerCase();
  if (name === "a") {
    return `[${inline(element)}](${element.getAttribute("href")})`;
  }
  const mark = MARKS[name] ?? "";
  return `${mark}${inline(element)}${mark}`;
}

function elementsOf(parent: HTMLElement): HTMLElement[] {
  return parent.childNodes.filter((node): node is HTMLElement => node.nodeType === NodeType.ELEMENT_NODE);
}
