/** A step or an account of a flow, as it is deployed or stored in a file. */
export interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  /** The tab with the node, or with the subflow around it; empty for an account. */
  readonly flowId: string;
  /** The properties of the form, and the secrets. Texts that are one variable, `${NAME}`, are replaced if it is set. */
  readonly stored: Readonly<Record<string, unknown>>;
  /** The secrets are encrypted, and there is no key to read them. */
  readonly hasUnknownSecrets?: boolean;
  /** The value of a variable for this node; undefined if it is not set. */
  variable(name: string): unknown;
  /** The variable that has to be set so that another one is. */
  origin(name: string): string;
}

/** Its name in sentences. */
export function labelOf({ name, type }: Pick<FlowNode, "name" | "type">): string {
  return name || type;
}

/** An account in sentences. */
export function accountLabel(account: Pick<FlowNode, "name" | "type">): string {
  return `account "${labelOf(account)}"`;
}
