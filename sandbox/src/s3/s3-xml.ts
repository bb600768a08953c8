import { XMLParser } from "fast-xml-parser";
import { AwsFault } from "../aws/aws-fault.ts";

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

/** Escapes a string for an element. Control characters become references, as S3 writes them. */
export function escapeXml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are legal in keys and must be escaped
  return text.replace(/[&<>"'\u0000-\u0008\u000b-\u001f]/g, (c) => NAMED[c] ?? `&#x${c.charCodeAt(0).toString(16)};`);
}

const NAMED: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** An element that contains a string; an empty string for `undefined`. */
export function text(name: string, value: string | number | boolean | undefined): string {
  return value === undefined ? "" : `<${name}>${escapeXml(String(value))}</${name}>`;
}

/** An element around other elements. */
export function group(name: string, ...children: readonly string[]): string {
  return `<${name}>${children.join("")}</${name}>`;
}

/** A document in S3's namespace. */
export function xmlDocument(root: string, ...children: readonly string[]): string {
  return `${DECLARATION}<${root} xmlns="${NAMESPACE}">${children.join("")}</${root}>`;
}

/** An error, which has no namespace. */
export function errorDocument(...children: readonly string[]): string {
  return `${DECLARATION}${group("Error", ...children)}`;
}

/** An element of a request. Every element may repeat, so each name has an array. */
export interface XmlElement {
  readonly [name: string]: readonly (XmlElement | string)[];
}

// Values stay strings ("007" and "1e3" are valid keys), and references are resolved below, without the parser's limits.
const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  processEntities: false,
  removeNSPrefix: true,
  ignoreDeclaration: true,
  isArray: () => true,
});

/**
 * Parses a request's body; its root element must be `root`.
 *
 * @throws AwsFault `MalformedXML`
 */
export function parseXml(body: Buffer, root: string): XmlElement {
  const source = body.toString("utf8");
  if (/<!DOCTYPE/i.test(source)) {
    throw malformedXml();
  }
  let parsed: XmlElement;
  try {
    parsed = parser.parse(source, true) as XmlElement;
  } catch {
    throw malformedXml();
  }
  const [element] = parsed[root] ?? [];
  if (element === undefined) {
    throw malformedXml();
  }
  return typeof element === "string" ? {} : element;
}

/** The text of the first child of that name. */
export function childText(element: XmlElement, name: string): string | undefined {
  const [child] = element[name] ?? [];
  return typeof child === "string" ? resolveReferences(child) : undefined;
}

/** The children of that name; an empty one is an element without children. */
export function childElements(element: XmlElement, name: string): XmlElement[] {
  return (element[name] ?? []).map((child) => (typeof child === "string" ? {} : child));
}

export function malformedXml(): AwsFault {
  const message = "The XML you provided was not well-formed or did not validate against our published schema";
  return new AwsFault("MalformedXML", 400, message);
}

function resolveReferences(raw: string): string {
  return raw.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) {
        return Object.entries(NAMED).find(([, reference]) => reference === whole)?.[0] ?? whole;
      }
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
