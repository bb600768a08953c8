import type { NodeAPI } from "node-red";
import { PipelineError } from "../../errors/pipeline-error.ts";
import type { FilledAccount } from "../../nodes/shared/account-settings.ts";
import { goesBeyondDeployed } from "./beyond-deployed.ts";
import { findDeployed } from "./deployed-account.ts";
import { KEPT_SECRET, record, variableIn } from "./form-text.ts";
import type { Hidden } from "./hidden-values.ts";

/** An account that need not be deployed: the values that stand in the editor. */
export interface AccountInEditor extends FilledAccount<Readonly<Record<string, string>>> {
  readonly values: Readonly<Record<string, unknown>>;
  /** Whether only a user who may deploy may use it: see {@link goesBeyondDeployed}. */
  readonly isBeyondDeployed: boolean;
  /** What no answer may tell. */
  readonly hidden: readonly Hidden[];
}

/**
 * Reads the account out of a request's body. A secret that the editor does not know is the stored one of the deployed account of that
 * id and type. Environment variables are put in as Node-RED does it.
 *
 * @throws PipelineError `INPUT_INVALID` for a body of another form
 */
export function filledAccount(red: NodeAPI, body: unknown): AccountInEditor {
  const { id, type, name, values: given, credentials: typed } = record(body);
  if (typeof type !== "string" || typeof id !== "string") {
    throw new PipelineError("INPUT_INVALID", "The request names no account: it needs id and type.");
  }
  const deployed = findDeployed(red, id, type);
  const described = { type, values: record(given), credentials: record(typed) };
  // The editor fetches an account's credentials when its dialog opens; before that it knows of none, and what is stored counts.
  const secrets = Object.entries({ ...deployed?.credentials, ...described.credentials }).map(
    ([key, value]) => [key, value === KEPT_SECRET ? deployed?.credentials[key] : value] as const,
  );
  const filled = {
    values: withVariables(Object.entries(described.values)),
    credentials: withVariables(secrets) as Record<string, string>,
  };
  return {
    type,
    ...(typeof name === "string" && { name }),
    ...filled,
    isBeyondDeployed: goesBeyondDeployed(described, deployed),
    hidden: [
      ...Object.entries(filled.credentials).map(([key, value]) => ({
        value,
        shownAs: key === "accessKeyId" ? value : "***",
      })),
      // Where a variable stands, an answer tells its name.
      ...Object.entries(described.values)
        .filter(([, value]) => variableIn(value) !== undefined)
        .map(([key, value]) => ({ value: filled.values[key], shownAs: String(value).trim() })),
    ],
  };
}

function withVariables(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries.map(([key, value]) => [key, withVariable(value)]));
}

/** A variable that is not set stays as it is, and is complained of when the value is used. */
function withVariable(value: unknown): unknown {
  const name = variableIn(value);
  return name === undefined ? value : (process.env[name] ?? value);
}
