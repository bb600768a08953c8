import { PipelineError } from "../../../errors/pipeline-error.ts";
import { type Field, type Fields, isShown } from "../../../fields/field.ts";
import type { ReadProperty } from "../../../fields/rules/rule.ts";
import { readName, type Values } from "../../../fields/values.ts";
import { variableIn } from "../../../fields/variable.ts";
import { parseField } from "../inputs/parse-field.ts";

/** The values of an account's form: of a deployed node, or of a form in the editor. */
export interface FilledAccount<TSecrets> {
  readonly type: string;
  readonly name?: string | undefined;
  readonly credentials?: TSecrets | undefined;
}

/** Trims the value of an account's field; undefined if it is blank. */
export function setting(value: unknown): string | undefined {
  const text = typeof value === "string" ? value.trim() : "";
  return text === "" ? undefined : text;
}

/**
 * Reads fields of an account, or the credentials of any node. Node-RED has replaced `${NAME}` by the variable's value, unless it is not set.
 *
 * @throws PipelineError `VARIABLE_UNDEFINED`, `INPUT_INVALID` or the code of the field's rule, naming the node and the field
 */
export function readSettings<F extends Fields, N extends keyof F & string>(
  account: FilledAccount<object>,
  values: object,
  fields: F,
  ...names: readonly N[]
): Values<Pick<F, N>> {
  const all: Readonly<Record<string, unknown>> = { ...values, ...account.credentials };
  const read: ReadProperty = (property) => setting(all[property]) ?? fields[property]?.value;
  const { type, name: nodeName = type } = account;
  const who = type.endsWith("-account") ? `The account "${nodeName || type}"` : nodeName || type;
  const entries = names.map((name) => {
    const field = fields[name] as Field;
    const isCounted = isShown(field, read);
    const value = isCounted ? resolved(who, name, all[name] ?? field.whenAbsent ?? field.value) : field.value;
    const counted = isCounted ? field : { ...field, required: false };
    return [readName(name, field), parseField({ who, name, field: counted, value, read })];
  });
  return Object.fromEntries(entries) as Values<Pick<F, N>>;
}

function resolved(who: string, field: string, value: unknown): unknown {
  const name = variableIn(setting(value) ?? "");
  if (name !== undefined) {
    throw new PipelineError(
      "VARIABLE_UNDEFINED",
      `${who}: "${field}" refers to the environment variable ${name}, which is not set. Set it in the flow's properties or in the environment of Node-RED.`,
      { details: { field, variable: name } },
    );
  }
  return value;
}
