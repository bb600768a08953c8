import type { NodeAPI } from "node-red";
import { PipelineError } from "../../errors/pipeline-error.ts";
import type { FilledAccount } from "../../nodes/shared/account-settings.ts";

/** What the editor shows, and sends, in place of a secret that it does not know. */
const KEPT_SECRET = "__PWRD__";

/** An account that need not be deployed: the values that stand in the editor. */
export interface AccountInEditor extends FilledAccount<Readonly<Record<string, string>>> {
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * Reads the account out of a request's body. A secret that the editor does not know is the stored one: whoever may send this request
 * has the right to write, and so could deploy the account in the same form. Environment variables are put in as Node-RED does it.
 *
 * @throws PipelineError `INPUT_INVALID` for a body of another form
 */
export function filledAccount(red: NodeAPI, body: unknown): AccountInEditor {
  const { id, type, name, values, credentials } = record(body);
  if (typeof type !== "string" || typeof id !== "string") {
    throw new PipelineError("INPUT_INVALID", "The request names no account: it needs id and type.");
  }
  const stored = record(red.nodes.getCredentials(id));
  // The editor fetches an account's credentials when its dialog opens; before that it knows of none, and what is stored counts.
  const secrets = Object.entries({ ...stored, ...record(credentials) }).map(
    ([key, value]) => [key, value === KEPT_SECRET ? stored[key] : value] as const,
  );
  return {
    type,
    ...(typeof name === "string" && { name }),
    values: withVariables(Object.entries(record(values))),
    credentials: withVariables(secrets) as Record<string, string>,
  };
}

function withVariables(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries.map(([key, value]) => [key, withVariable(value)]));
}

/** A variable that is not set stays as it is, and is complained of when the value is used. */
function withVariable(value: unknown): unknown {
  const [, name] = /^\$[{(]([^})]+)[})]$/.exec(typeof value === "string" ? value.trim() : "") ?? [];
  return name === undefined ? value : (process.env[name] ?? value);
}

function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
