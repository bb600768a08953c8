/** A node, tab, group or subflow in the flow file, as far as it defines variables. */
interface Scope {
  readonly type?: string;
  readonly z?: string;
  readonly g?: string;
  readonly env?: ReadonlyArray<{ readonly name?: unknown; readonly value?: unknown; readonly type?: unknown }>;
}

/** The variable that has to be set so that another one is. */
export interface VariableOrigin {
  readonly name: string;
  /** Whether the properties of a flow take the variable from this one. */
  readonly isTaken: boolean;
}

/**
 * Finds the variable that has to be set so that another one is: the properties of a flow may take a variable from one with another
 * name. That may be repeated in the flow around a subflow.
 *
 * @param name - the variable to which a node refers
 * @param node - the node
 * @param scopes - the flow file by id
 */
export function variableOrigin(name: string, node: Scope, scopes: ReadonlyMap<string, Scope>): VariableOrigin {
  let origin = name;
  let isTaken = false;
  for (const scope of around(node, scopes)) {
    const entry = scope.env?.find((one) => one.name === origin && one.type === "env");
    const [, inBraces, plain] = /^(?:\$\{([\w.-]+)\}|([\w.-]+))$/.exec(String(entry?.value ?? "")) ?? [];
    origin = inBraces ?? plain ?? origin;
    isTaken ||= entry !== undefined;
  }
  return { name: origin, isTaken };
}

/** The groups, subflow instances with their subflows, and the tab around a node, from the inside. */
function around(node: Scope, scopes: ReadonlyMap<string, Scope>): Set<Scope> {
  const found = new Set<Scope>();
  for (let at = enclosing(node, scopes); at !== undefined && !found.has(at); at = enclosing(at, scopes)) {
    found.add(at);
    const subflow = scopes.get(/^subflow:(.+)$/.exec(at.type ?? "")?.[1] ?? "");
    if (subflow) {
      found.add(subflow);
    }
  }
  return found;
}

function enclosing({ g, z }: Scope, scopes: ReadonlyMap<string, Scope>): Scope | undefined {
  return scopes.get(g ?? "") ?? scopes.get(z ?? "");
}
