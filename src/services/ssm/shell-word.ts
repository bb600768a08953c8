import { PipelineError } from "../../errors/pipeline-error.ts";

/**
 * Quotes a string as one word for a POSIX shell. Between single quotes, only the single quote itself is special. Systems Manager replaces
 * `{{ssm:name}}` in parameters with a stored value before a shell runs, so two adjacent braces are separated.
 *
 * @param what - the name of the string, for the error
 * @throws PipelineError `SSM_REQUEST_INVALID` for a NUL character
 */
export function quote(text: string, what: string): string {
  if (text.includes("\0")) {
    throw invalid(`${what} contains a NUL character, which can't be passed to a program. Remove it.`);
  }
  return `'${text.replaceAll("'", "'\\''").replaceAll(/\{(?=\{)/g, "{''")}'`;
}

/** Checks the name of a shell variable. */
export function variableName(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw invalid(`"${name}" is not a valid variable name: use letters, digits and "_", and no digit at the start.`);
  }
  return name;
}

function invalid(message: string): PipelineError {
  return new PipelineError("SSM_REQUEST_INVALID", message);
}
