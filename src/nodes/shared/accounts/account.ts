import { PipelineError } from "../../../errors/pipeline-error.ts";
import type { Node, NodeAPI, StepDef } from "../node-red.ts";

/**
 * The account that a step refers to, by default in its field `account`.
 *
 * @throws PipelineError `ACCOUNT_MISSING` if none is chosen, or the chosen account was deleted or disabled
 */
export function accountOf<TAccount extends Node>(
  red: NodeAPI,
  def: StepDef,
  type: TAccount["type"],
  field = "account",
): TAccount {
  const value = def[field];
  const id = typeof value === "string" ? value : "";
  // According to the published types, getNode never returns null, but it does.
  const account = red.nodes.getNode(id) as TAccount | null | undefined;
  if (!account || account.type !== type) {
    const what = id === "" ? "No account is chosen" : "The chosen account was deleted or disabled";
    throw new PipelineError(
      "ACCOUNT_MISSING",
      `${what} in "${def.name || def.type}". Open the node and choose an account.`,
      {
        details: { account: id },
      },
    );
  }
  return account;
}
