import type { ErrorCode } from "../../../errors/error-codes.ts";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { type Fault, findFaults, type Rule } from "./schema-rule.ts";

const MAX_FAULTS = 5;

/**
 * Parses JSON text, or copies a value, and checks it.
 *
 * @param options.what - the name of the value in the error: "The selection"
 * @returns a deep copy of `value`
 * @throws PipelineError of `o.code`, with up to five faults in its message and the same in `details.faults`
 */
export function parseJson<T>(value: unknown, options: { rule: Rule<T>; code: ErrorCode; what: string }): T {
  const given = typeof value === "string" ? parseText(value, options) : value;
  const faults = findFaults(options.rule, given);
  if (faults.length > 0) {
    throw new PipelineError(
      options.code,
      `${options.what} is not valid: ${listFaults(faults, options.what)}. Correct it and try again.`,
      {
        details: { faults: faults.slice(0, MAX_FAULTS), faultCount: faults.length },
      },
    );
  }
  return copyOf(given, options) as T;
}

/** A value of a message may have a circular reference, a BigInt or a `toJSON` that throws. */
function copyOf(value: unknown, options: { code: ErrorCode; what: string }): unknown {
  try {
    return JSON.parse(JSON.stringify(value));
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new PipelineError(
      options.code,
      `${options.what} can't be converted to JSON: ${reason}. Correct it and try again.`,
      {
        cause: error,
      },
    );
  }
}

function parseText(text: string, options: { code: ErrorCode; what: string }): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PipelineError(options.code, `${options.what} is not JSON: ${reason}. Correct the text and try again.`, {
      cause: error,
    });
  }
}

/** Joins the first faults. */
function listFaults(faults: readonly Fault[], what: string): string {
  const first = faults
    .slice(0, MAX_FAULTS)
    .map(({ path, problem }) => `${path === "" ? what.toLowerCase() : path} ${problem}`);
  const more = faults.length - first.length;
  return [...first, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}
