import type { ErrorCode } from "../../../errors/error-codes.ts";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { type Fault, faultsOf, type Rule } from "./rule.ts";

const MAX_FAULTS = 5;

/**
 * Reads JSON text, or takes a value that is JSON already, and checks it.
 *
 * @param o.what - names the value in the error: "The selection"
 * @returns a copy that shares nothing with `value`
 * @throws PipelineError of `o.code`, with up to five faults in its message and the same in `details.faults`
 */
export function parseJson<T>(value: unknown, o: { rule: Rule<T>; code: ErrorCode; what: string }): T {
  const given = typeof value === "string" ? parseText(value, o) : value;
  const faults = faultsOf(o.rule, given);
  if (faults.length > 0) {
    throw new PipelineError(
      o.code,
      `${o.what} is not a valid one: ${listed(faults, o.what)}. Correct it and try again.`,
      {
        details: { faults: faults.slice(0, MAX_FAULTS), faultCount: faults.length },
      },
    );
  }
  return copied(given, o) as T;
}

/** A value from a message may have a circle, a BigInt or a `toJSON` that throws where the rules take anything. */
function copied(value: unknown, o: { code: ErrorCode; what: string }): unknown {
  try {
    return JSON.parse(JSON.stringify(value));
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new PipelineError(o.code, `${o.what} can't be written as JSON: ${reason}. Correct it and try again.`, {
      cause: error,
    });
  }
}

function parseText(text: string, o: { code: ErrorCode; what: string }): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PipelineError(o.code, `${o.what} is not JSON: ${reason}. Correct the text and try again.`, {
      cause: error,
    });
  }
}

/** The first faults as one sentence. */
function listed(faults: readonly Fault[], what: string): string {
  const first = faults
    .slice(0, MAX_FAULTS)
    .map(({ path, problem }) => `${path === "" ? what.toLowerCase() : path} ${problem}`);
  const more = faults.length - first.length;
  return [...first, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}
