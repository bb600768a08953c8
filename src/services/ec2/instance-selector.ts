import { PipelineError } from "../../errors/pipeline-error.ts";
import { isInstanceId } from "../../fields/rules/aws.ts";

/** Which instances are meant: by id, or all that carry these tags. */
export type InstanceSelector =
  | { readonly ids: readonly string[] }
  | { readonly tags: Readonly<Record<string, string>> };

/**
 * Reads instance ids from a form or a message, before anything is sent: EC2 changes nothing at all when one of many ids is wrong.
 *
 * @param value - one id, several separated by commas or white space, or an array of such texts
 * @returns the ids in their order, each once
 * @throws PipelineError `EC2_INSTANCE_INVALID` when there is none, or one is not `i-` and 8 or 17 hexadecimal digits
 */
export function parseInstanceIds(value: unknown): string[] {
  const ids = new Set((Array.isArray(value) ? value : [value]).flatMap(splitIds));
  if (ids.size === 0) {
    throw new PipelineError("EC2_INSTANCE_INVALID", "No instance is named: give at least one instance id (i-...).");
  }
  for (const id of ids) {
    if (!isInstanceId(id)) {
      throw new PipelineError(
        "EC2_INSTANCE_INVALID",
        `"${id.slice(0, 60)}" is not an instance id: it is i- and 8 or 17 hexadecimal digits, for example i-0123456789abcdef0.`,
      );
    }
  }
  return [...ids];
}

function splitIds(value: unknown): string[] {
  if (value === undefined || value === null) {
    return [];
  }
  if (typeof value !== "string") {
    throw new PipelineError("EC2_INSTANCE_INVALID", `An instance id must be a string, not ${describeType(value)}.`);
  }
  return value.split(/[\s,]+/).filter((id) => id !== "");
}

function describeType(value: unknown): string {
  return Array.isArray(value) ? "a list in a list" : `of type ${typeof value}`;
}
