/** The content of a response, or of one of its elements. */
export interface XmlContent {
  readonly [element: string]: XmlValue;
}

/** The content of an element; arrays become EC2's `<item>` lists, `undefined` is omitted. */
export type XmlValue = string | number | boolean | undefined | readonly XmlValue[] | XmlContent;

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** The response to an EC2 action, including the request id. */
export function responseXml(action: string, requestId: string, content: XmlContent): string {
  const namespace = "http://ec2.amazonaws.com/doc/2016-11-15/";
  return `${HEAD}<${action}Response xmlns="${namespace}">${elements({ requestId, ...content })}</${action}Response>`;
}

/** An error in EC2's format. */
export function errorXml(code: string, message: string, requestId: string): string {
  return `${HEAD}<Response><Errors>${element("Error", { Code: code, Message: message })}</Errors>${element("RequestID", requestId)}</Response>`;
}

function elements(content: XmlContent): string {
  return Object.entries(content)
    .map(([name, value]) => element(name, value))
    .join("");
}

function element(name: string, value: XmlValue): string {
  if (value === undefined) {
    return "";
  }
  if (Array.isArray(value)) {
    return `<${name}>${value.map((item: XmlValue) => element("item", item)).join("")}</${name}>`;
  }
  if (typeof value === "object") {
    return `<${name}>${elements(value as XmlContent)}</${name}>`;
  }
  return `<${name}>${escapeXml(String(value))}</${name}>`;
}

function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replace(/(?![\t\n\r])\p{Cc}/gu, "\ufffd");
}
