import { PipelineError } from "../../errors/pipeline-error.ts";

/** An account as its form was filled: a node that was deployed, or what an open form holds. */
export interface FilledAccount<TSecrets> {
  readonly type: string;
  readonly name?: string | undefined;
  readonly credentials?: TSecrets | undefined;
}

/** A field of an account's form: trimmed, and undefined when blank. */
export function setting(value: unknown): string | undefined {
  const text = typeof value === "string" ? value.trim() : "";
  return text === "" ? undefined : text;
}

/**
 * The same for a field that may be `${NAME}`: Node-RED has replaced that by the variable's value, unless the variable is not set.
 *
 * @throws PipelineError `VARIABLE_UNDEFINED`, naming the account and the variable
 */
export function resolvedSetting(account: FilledAccount<unknown>, field: string, value: unknown): string | undefined {
  const text = setting(value);
  const [, name] = /^\$\{(.+)\}$/.exec(text ?? "") ?? [];
  if (name !== undefined) {
    throw new PipelineError(
      "VARIABLE_UNDEFINED",
      `The account "${account.name || account.type}" refers in "${field}" to the environment variable ${name}, which is not set. Set it in the environment of Node-RED, or change the account.`,
      { details: { field, variable: name } },
    );
  }
  return text;
}
