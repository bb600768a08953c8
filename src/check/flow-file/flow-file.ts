import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { variableIn } from "../../fields/variable.ts";
import type { FlowNode } from "../flow-node.ts";
import { readCredentials } from "./credentials.ts";
import { type FileNode, Scopes } from "./scopes.ts";

/** The flows in a file. */
export interface FlowFile {
  /** The path of the file. */
  readonly path: string;
  readonly flows: ReadonlyArray<{ readonly id: string; readonly name: string }>;
  /** All steps and accounts that Node-RED would start. */
  readonly nodes: readonly FlowNode[];
}

const OWN = /^lightly-/;

/**
 * Reads a flow file of Node-RED or an export, and the credentials beside it.
 *
 * @param path - the file, or a user directory of Node-RED
 * @throws Error that says what is wrong with the file
 */
export async function readFlowFile(path: string): Promise<FlowFile> {
  const file = (await isFolder(path)) ? await flowFileIn(path) : path;
  const all = parse(await readFile(file, "utf8"), file);
  const credentials = await readCredentials(file);
  const scopes = new Scopes(all, credentials ?? {});
  const nodes = scopes.placed
    .filter(({ node }) => OWN.test(node.type))
    .map(({ node, flowId, path: around }): FlowNode => {
      const variable = (name: string): unknown => scopes.variable(around, name);
      return {
        id: [...around.instances, node.id].join("-"),
        type: node.type,
        name: typeof node.name === "string" ? node.name : "",
        flowId,
        stored: withVariables({ ...node, ...credentials?.[node.id] }, variable),
        hasUnknownSecrets: credentials === undefined && hasSecrets(node),
        variable,
        origin: (name) => scopes.origin(around, name),
      };
    });
  return { path: file, flows: scopes.tabs, nodes };
}

/** An AWS account without access keys takes its credentials from elsewhere. */
function hasSecrets({ type, credentialSource }: FileNode): boolean {
  return type === "lightly-aws-account" ? credentialSource === "keys" : type.endsWith("-account");
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch((error: unknown) => {
    throw new Error(
      `The flow file or user directory ${path} can't be read (${(error as NodeJS.ErrnoException).code}). Name a flow file, or the user directory of Node-RED with --user-dir.`,
    );
  });
  return found.isDirectory();
}

/** Node-RED names the file after the computer if its settings do not name it. */
async function flowFileIn(folder: string): Promise<string> {
  const names = await readdir(folder);
  const found =
    names.find((name) => name === "flows.json") ??
    names.find((name) => /^flows_(?!.*_cred\.json$).*\.json$/.test(name));
  if (found === undefined) {
    throw new Error(`There is no flows.json in ${folder}. Name the flow file.`);
  }
  return join(folder, found);
}

function parse(text: string, file: string): FileNode[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new Error(`${file} is not JSON.`);
  }
  // An older format has the nodes in an object.
  const nodes = Array.isArray(content) ? content : Object(content).flows;
  if (!Array.isArray(nodes)) {
    throw new Error(`${file} is not a flow of Node-RED: it has no array of nodes.`);
  }
  return nodes.filter((node): node is FileNode => typeof node?.id === "string" && typeof node.type === "string");
}

/** Node-RED replaces texts that are one variable before it creates a node. */
function withVariables(
  values: Readonly<Record<string, unknown>>,
  variable: (name: string) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      const name = typeof value === "string" ? variableIn(value) : undefined;
      return [key, name === undefined ? value : (variable(name) ?? value)];
    }),
  );
}
