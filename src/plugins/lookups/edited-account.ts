import type { NodeAPI } from "node-red";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { STORED_SECRET } from "../../fields/stored-secret.ts";
import type { FilledAccount } from "../../nodes/shared/accounts/account-settings.ts";
import { needsDeployPermission } from "./deploy-permission.ts";
import { findDeployed } from "./deployed-account.ts";
import { record, variableIn } from "./form-text.ts";
import type { MaskedValue } from "./masked-values.ts";

/** An account with the values of its form in the editor, which may not be deployed. */
export interface EditedAccount extends FilledAccount<Readonly<Record<string, string>>> {
  readonly values: Readonly<Record<string, unknown>>;
  /** See {@link needsDeployPermission}. */
  readonly needsDeployPermission: boolean;
  /** The values that a response must not contain. */
  readonly masked: readonly MaskedValue[];
}

/**
 * Reads the account from the body of a request. A secret that the editor does not know is taken from the deployed account with the same
 * id and type. Environment variables are inserted as Node-RED does.
 *
 * @throws PipelineError `INPUT_INVALID` for a body with another structure
 */
export function readEditedAccount(red: NodeAPI, body: unknown): EditedAccount {
  const { id, type, name, values: given, credentials: typed } = record(body);
  if (typeof type !== "string" || typeof id !== "string") {
    throw new PipelineError("INPUT_INVALID", "The request has no account. Add the account's id and type.");
  }
  const deployed = findDeployed(red, id, type);
  const described = { type, values: record(given), credentials: record(typed) };
  // The editor fetches the credentials of an account when its dialog opens. Until then the stored ones apply.
  const secrets = Object.entries({ ...deployed?.credentials, ...described.credentials }).map(
    ([key, value]) => [key, value === STORED_SECRET ? deployed?.credentials[key] : value] as const,
  );
  const filled = {
    values: withVariables(Object.entries(described.values)),
    credentials: withVariables(secrets) as Record<string, string>,
  };
  return {
    type,
    ...(typeof name === "string" && { name }),
    ...filled,
    needsDeployPermission: needsDeployPermission(described, deployed),
    masked: [
      ...Object.entries(filled.credentials).map(([key, value]) => ({
        value,
        mask: key === "accessKeyId" || (key === "proxy" && !value.includes("@")) ? value : "***",
      })),
      // A response shows the name of a variable instead of its value.
      ...Object.entries(described.values)
        .filter(([, value]) => variableIn(value) !== undefined)
        .map(([key, value]) => ({ value: filled.values[key], mask: String(value).trim() })),
    ],
  };
}

function withVariables(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries.map(([key, value]) => [key, withVariable(value)]));
}

/** Leaves the name of an unset variable in place: the error is reported when the value is used. */
function withVariable(value: unknown): unknown {
  const name = variableIn(value);
  return name === undefined ? value : (process.env[name] ?? value);
}
