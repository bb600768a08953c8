/** A node, tab, group or subflow in the flow file, as far as it defines variables. */
interface Scope {
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
  const seen = new Set<Scope>();
  for (let at = enclosing(node, scopes); at !== undefined && !seen.has(at); at = enclosing(at, scopes)) {
    seen.add(at);
    const entry = at.env?.find((one) => one.name === origin && one.type === "env");
    const [, inBraces, plain] = /^(?:\$\{([\w.-]+)\}|([\w.-]+))$/.exec(String(entry?.value ?? "")) ?? [];
    origin = inBraces ?? plain ?? origin;
    isTaken ||= entry !== undefined;
  }
  return { name: origin, isTaken };
}

function enclosing({ g, z }: Scope, scopes: ReadonlyMap<string, Scope>): Scope | undefined {
  return scopes.get(g ?? "") ?? scopes.get(z ?? "");
}
