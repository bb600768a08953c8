import { PipelineError } from "../../errors/pipeline-error.ts";

/**
 * One word for a POSIX shell. Between single quotes nothing is special but the single quote itself. Systems Manager replaces
 * `{{ssm:name}}` in parameters by a stored value before any shell sees it, so two braces never stand side by side.
 *
 * @param what - what the text is, for the error
 * @throws PipelineError `SSM_REQUEST_INVALID` for a NUL
 */
export function quote(text: string, what: string): string {
  if (text.includes("\0")) {
    throw invalid(`No program can be given a NUL character, but ${what} holds one.`);
  }
  return `'${text.replaceAll("'", "'\\''").replaceAll(/\{(?=\{)/g, "{''")}'`;
}

/** A name that a shell can assign to. */
export function variableName(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw invalid(`"${name}" is not a variable's name: it has letters, digits and _ only, and no digit first.`);
  }
  return name;
}

function invalid(message: string): PipelineError {
  return new PipelineError("SSM_REQUEST_INVALID", message);
}
