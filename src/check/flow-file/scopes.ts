import { variableOrigin } from "../../nodes/shared/configuration/variable-origin.ts";
import type { Credentials } from "./credentials.ts";

/** A node of a flow file. */
export interface FileNode {
  readonly id: string;
  readonly type: string;
  readonly z?: string;
  readonly g?: string;
  /** Disabled. */
  readonly d?: boolean;
  readonly disabled?: boolean;
  readonly label?: string;
  readonly env?: readonly Variable[];
  readonly [property: string]: unknown;
}

interface Variable {
  readonly name: string;
  readonly value: unknown;
  readonly type: string;
}

/** Where a node is: the groups, subflow instances, subflows and the tab around it, from the inside. */
interface Place {
  readonly scopes: readonly FileNode[];
  /** The ids of the subflow instances around it. */
  readonly instances: readonly string[];
}

interface PlacedNode {
  readonly node: FileNode;
  readonly flowId: string;
  readonly path: Place;
}

const MAX_DEPTH = 20;

/** The nodes that Node-RED would start, each with the variables around it. A node of a subflow exists once per instance. */
export class Scopes {
  readonly placed: readonly PlacedNode[];
  readonly tabs: ReadonlyArray<{ readonly id: string; readonly name: string }>;
  readonly #byId: ReadonlyMap<string, FileNode>;
  readonly #all: readonly FileNode[];
  readonly #credentials: Credentials;
  readonly #global: FileNode | undefined;

  constructor(all: readonly FileNode[], credentials: Credentials) {
    this.#all = all;
    this.#credentials = credentials;
    this.#byId = new Map(all.map((node) => [node.id, node]));
    this.#global = all.find(({ type }) => type === "global-config");
    const tabs = all.filter(({ type, disabled }) => type === "tab" && disabled !== true);
    this.tabs = tabs.map(({ id, label = "" }) => ({ id, name: label }));
    const ofTabs = tabs.flatMap((tab) => this.#within(tab, tab.id, { scopes: [tab], instances: [] }));
    // Accounts belong to no tab. An export of some nodes may have no tab either.
    const others = all.filter(({ z, d }) => d !== true && (z === undefined || !this.#byId.has(z)));
    this.placed = [...ofTabs, ...others.map((node) => ({ node, flowId: "", path: { scopes: [], instances: [] } }))];
  }

  /** The value of a variable at a place. */
  variable({ scopes }: Place, name: string): unknown {
    const parent = name.startsWith("$parent.") ? 1 : 0;
    const plain = name.slice(parent * "$parent.".length);
    const at = scopes.findIndex((scope, index) => index >= parent && valueIn(scope, plain) !== undefined);
    const scope = at < 0 ? this.#global : scopes[at];
    const entry = scope && valueIn(scope, plain);
    return entry === undefined || scope === undefined
      ? process.env[plain]
      : this.#evaluate(entry, scope, { scopes: scopes.slice(at < 0 ? scopes.length : at), instances: [] });
  }

  /** The variable that has to be set so that another one is. */
  origin({ scopes }: Place, name: string): string {
    const chain = scopes.map(
      (scope, index) => [String(index), { env: scope.env ?? [], z: String(index + 1) }] as const,
    );
    return variableOrigin(name, { z: "0" }, new Map(chain)).name;
  }

  #evaluate({ name, value, type }: Variable, scope: FileNode, place: Place): unknown {
    switch (type) {
      case "env": {
        const text = String(value);
        const outer = { ...place, scopes: place.scopes.slice(1) };
        const lookUp = (other: string): unknown => this.variable(other === name ? outer : place, other);
        const [, whole = text] = /^\$\{([^${}]+)\}$/.exec(text) ?? [];
        return text.includes("${") && whole === text
          ? text.replaceAll(/\$\{([^${}]+)\}/g, (_all, part: string) => String(lookUp(part) ?? ""))
          : lookUp(whole);
      }
      case "cred":
        return this.#credentials[scope.id]?.[name];
      case "num":
        return Number(value);
      default:
        return value;
    }
  }

  #within(container: FileNode, flowId: string, place: Place): PlacedNode[] {
    if (place.instances.length > MAX_DEPTH) {
      return [];
    }
    return this.#all
      .filter(({ z, d }) => z === container.id && d !== true)
      .flatMap((node) => {
        const inner = { ...place, scopes: [...this.#groupsOf(node), ...place.scopes] };
        const subflow = node.type.startsWith("subflow:")
          ? this.#byId.get(node.type.slice("subflow:".length))
          : undefined;
        return subflow
          ? this.#within(subflow, flowId, {
              scopes: [node, subflow, ...inner.scopes],
              instances: [...place.instances, node.id],
            })
          : [{ node, flowId, path: inner }];
      });
  }

  #groupsOf({ g = "" }: FileNode): FileNode[] {
    const groups: FileNode[] = [];
    for (let group = this.#byId.get(g); group && groups.length < MAX_DEPTH; group = this.#byId.get(group.g ?? "")) {
      groups.push(group);
    }
    return groups;
  }
}

function valueIn({ env }: FileNode, name: string): Variable | undefined {
  return Array.isArray(env) ? env.find((one) => one.name === name) : undefined;
}
