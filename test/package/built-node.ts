import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { type HTMLElement, parse } from "node-html-parser";

/** The members of a node's property that the tests use. */
export interface PropertyDefinition {
  readonly value: unknown;
  /** The value for a flow that was saved before the property existed, if it is not the default. */
  readonly whenAbsent?: unknown;
  readonly type?: string;
  readonly validate?: Validate;
  readonly label?: string;
}

/** The members of a definition that the tests use. */
export interface Definition {
  readonly category: string;
  readonly color?: string;
  readonly icon?: string;
  readonly defaults: Record<string, PropertyDefinition>;
  readonly credentials?: Record<string, { type: string; validate?: Validate }>;
  readonly inputs?: number;
  readonly outputs?: number;
  readonly paletteLabel?: string;
  label(): string;
  inputLabels?(): string;
  outputLabels?(index: number): string;
}

export type Validate = (this: object, value: unknown, options: object) => true | string;

/** A set of the built package, as the editor loads it. */
export interface BuiltNode {
  readonly folder: string;
  readonly type: string;
  readonly definition: Definition;
  readonly form: HTMLElement;
  readonly html: string;
  readonly script: string;
  readonly catalog: Record<string, unknown>;
  readonly helpFor: string;
  readonly help: HTMLElement;
  /** The keys of the catalog that the script looked up when it registered its type. */
  readonly asked: readonly string[];
}

const NODES = join("dist", "nodes");
/** Has the script with the modules that all forms share. */
const PLUGIN = join("dist", "plugins", "lightly-aws", "lightly-aws.html");

/** Every folder of the build that has a form. */
export function builtFolders(): string[] {
  return readdirSync(NODES, { recursive: true, encoding: "utf8" })
    .filter((path) => /^[^\\/]+[\\/][^\\/]+\.html$/.test(path))
    .map((path) => path.split(/[\\/]/)[0] ?? "")
    .sort();
}

/** Reads a set of the build, and runs its script like the editor. */
export function readBuiltNode(folder: string): BuiltNode {
  const html = readFileSync(join(NODES, folder, `${folder}.html`), "utf8");
  const script = scriptsOf(html).join("\n");
  const { type, definition, asked } = register(script);
  const locale = join(NODES, folder, "locales", "en-US");
  const help = readFileSync(join(locale, `${folder}.html`), "utf8");
  return {
    folder,
    type,
    definition,
    html,
    script,
    asked,
    form: insideScript(html),
    catalog: JSON.parse(readFileSync(join(locale, `${folder}.json`), "utf8")),
    helpFor: /data-help-name="([^"]+)"/.exec(help)?.[1] ?? "",
    help: insideScript(help),
  };
}

function scriptsOf(html: string): string[] {
  return [...html.matchAll(/<script type="text\/javascript">([\s\S]*?)<\/script>/g)].map(([, text = ""]) => text);
}

/** The content of a `<script type="text/html">`. */
function insideScript(html: string): HTMLElement {
  return parse(/<script type="text\/html"[^>]*>([\s\S]*?)<\/script>/.exec(html)?.[1] ?? "");
}

/** Evaluates a bundle with a stand-in for the editor. */
function register(script: string): { type: string; definition: Definition; asked: string[] } {
  const registered: { type: string; definition: Definition }[] = [];
  const asked: string[] = [];
  const RED = {
    _: (key: string) => {
      asked.push(key);
      return key;
    },
    nodes: { registerType: (type: string, definition: Definition) => registered.push({ type, definition }) },
    utils: { validateTypedProperty: () => true },
  };
  const [shared = ""] = scriptsOf(readFileSync(PLUGIN, "utf8"));
  const page = createContext({ RED, URL });
  runInContext(shared, page);
  runInContext(script, page);
  const [only, another] = registered;
  if (!only || another) {
    throw new Error(`The script registers ${registered.length} types instead of one.`);
  }
  return { ...only, asked };
}

/** A node in the editor: defaults, and the changes of a test. */
export function nodeOf(
  { type, definition }: BuiltNode,
  changes: Record<string, unknown> = {},
): Record<string, unknown> {
  const values = Object.entries(definition.defaults).map(([name, { value }]) => [name, value]);
  return { id: "n1", type, _def: definition, _: (key: string) => key, ...Object.fromEntries(values), ...changes };
}

/** The validator's result for a property: `true`, or the key of the reason. Without a validator, every value is valid. */
export function judge(node: BuiltNode, property: string, changes: Record<string, unknown>): true | string {
  const instance = nodeOf(node, changes);
  const definition = node.definition.defaults[property] ?? node.definition.credentials?.[property];
  if (!definition) {
    throw new Error(`${node.type} has no property ${property}.`);
  }
  const reason = definition.validate?.call(instance, instance[property], {}) ?? true;
  return reason === true ? true : reason.replace(/^.*lightly-aws\.reason\./, "");
}

/** All keys of a catalog, as `lightly-s3-upload.label.bucket`. */
export function keysOf(value: unknown, path = ""): string[] {
  return typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => keysOf(inner, path === "" ? key : `${path}.${key}`))
    : [path];
}
