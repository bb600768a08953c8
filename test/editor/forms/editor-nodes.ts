import type { Locator, Page } from "playwright-core";
import { type EditorNode, shownDialog } from "../editor-page.ts";

type Values = Record<string, unknown>;
interface Definition {
  readonly category: string;
  readonly defaults: Record<string, { readonly value: unknown }>;
  readonly credentials?: Record<string, unknown>;
}
declare const RED: {
  nodes: {
    getType(type: string): Definition;
    node(id: string): Values & { readonly _def: Definition };
    eachNode(each: (node: EditorNode) => void): void;
    eachConfig(each: (node: EditorNode) => void): void;
    createExportableNodeSet(nodes: readonly object[]): object[];
    add(node: object): { readonly id: string };
    dirty(isDirty?: boolean): boolean;
  };
  view: { createNode(type: string, x: number, y: number): { readonly node: object }; redraw(all: boolean): void };
  editor: { editConfig(name: string, type: string, id: string): void; validateNode(node: object): void };
};

/** The properties of a type with their defaults, and its credentials. */
export function definitionOf(page: Page, type: string): Promise<{ defaults: Values; credentials: string[] }> {
  return page.evaluate((name) => {
    const { defaults, credentials } = RED.nodes.getType(name);
    const values = Object.entries(defaults).map(([property, { value }]) => [property, value]);
    return { defaults: Object.fromEntries(values), credentials: Object.keys(credentials ?? {}) };
  }, type);
}

/** Adds a node to the flow like a drop from the palette, with all defaults of its type. */
export function addNode(page: Page, type: string, at: { x: number; y: number }): Promise<string> {
  return page.evaluate(
    ([name, { x, y }]) => {
      const { id } = RED.nodes.add(RED.view.createNode(name, x, y).node);
      RED.nodes.dirty(true);
      RED.editor.validateNode(RED.nodes.node(id));
      RED.view.redraw(true);
      return id;
    },
    [type, at] as const,
  );
}

/** Opens the form of a new account, like the button next to a step's account. */
export async function openNewAccount(page: Page, type: string): Promise<Locator> {
  await page.evaluate((name) => RED.editor.editConfig("", name, "_ADD_"), type);
  return shownDialog(page);
}

/** The last node of a type in the editor. */
export async function lastOf(page: Page, type: string): Promise<string> {
  const id = await page.evaluate((name) => {
    let last = "";
    const look = (node: EditorNode): void => {
      last = node.type === name ? node.id : last;
    };
    RED.nodes.eachNode(look);
    RED.nodes.eachConfig(look);
    return last;
  }, type);
  if (id === "") {
    throw new Error(`There is no ${type} in the editor.`);
  }
  return id;
}

/** The saved properties and credentials of a node. */
export function storedIn(page: Page, id: string): Promise<Values> {
  return page.evaluate((nodeId) => {
    const node = RED.nodes.node(nodeId);
    const credentials = (node.credentials ?? {}) as Values;
    const kept = Object.keys(node._def.defaults).map((name) => [name, node[name]]);
    const secrets = Object.keys(node._def.credentials ?? {}).map((name) => [name, credentials[name]]);
    return Object.fromEntries([...kept, ...secrets]);
  }, id);
}

/** A node as it is exported, and whether it or the flows are marked as changed. */
export function exported(page: Page, id: string): Promise<{ node: object; changed: boolean; dirty: boolean }> {
  return page.evaluate((nodeId) => {
    const node = RED.nodes.node(nodeId);
    const [first = {}] = RED.nodes.createExportableNodeSet([node]);
    return { node: first, changed: node.changed === true, dirty: RED.nodes.dirty() };
  }, id);
}

/** Deploys by the button in the header, and waits for the response. */
export async function deploy(page: Page): Promise<void> {
  const answered = page.waitForResponse(
    (response) => response.request().method() === "POST" && /\/flows$/.test(response.url()),
  );
  await page.locator("#red-ui-header-button-deploy").click();
  await answered;
  await page.waitForFunction(() => !RED.nodes.dirty());
}
