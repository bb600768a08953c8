import { PipelineError } from "../../errors/pipeline-error.ts";
import { quote, variableName } from "./shell-word.ts";

/** A script on the instance, or one that comes with the command. */
export interface CommandWork extends ScriptCommandOptions {
  /** The shell lines to run; `script` is then only what they are called in errors. */
  readonly lines?: readonly string[];
}

/** What {@link scriptCommand} takes. */
export interface ScriptCommandOptions {
  /** Path of the script on the instance: absolute, or relative to the working directory. */
  readonly script: string;
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * The lines for the `commands` of AWS-RunShellScript that run a script. Path, arguments and values reach it exactly as they are:
 * nothing in them is executed or expanded, by the shell or by Systems Manager.
 *
 * The lines are for any POSIX `sh`, which is what the agent runs. They choose the interpreter as a user at a prompt would get it:
 * the `#!` line if there is one (whether or not the file is executable), a binary as it is, and else bash where it exists, since
 * scripts without a `#!` line are mostly written for it. The script replaces the shell, so its exit code is the command's.
 * A script that does not exist ends with exit code 127 and says so on stderr.
 *
 * The environment is for the script, whatever a variable is called (`PATH`, `LD_PRELOAD`, `BASH_ENV`): it is set when the interpreter is
 * chosen already, and the lines after that run no program but the script.
 *
 * @throws PipelineError `SSM_REQUEST_INVALID` when the path is empty, a name is not one of a variable, or a text holds a NUL
 */
export function scriptCommand({ script, args = [], environment = {} }: ScriptCommandOptions): string[] {
  const path = scriptPath(script);
  return [
    `script=${quote(path, "the script's path")}`,
    `if [ ! -f "$script" ]; then printf 'There is no script %s on this instance.\\n' "$script" >&2; exit 127; fi`,
    `IFS= read -r line < "$script"`,
    `case $line in`,
    `  '#!'*) if [ -x "$script" ]; then set -- "$script"; else set -f; set -- \${line#??} "$script"; fi ;;`,
    `  "$(printf '\\177ELF')"*) set -- "$script" ;;`,
    `  *) set -- "$(command -v bash || command -v sh)" "$script" ;;`,
    `esac`,
    ...Object.entries(environment).map(([name, value]) => `export ${variableName(name)}=${quote(value, name)}`),
    ["exec", '"$@"', ...args.map((arg, index) => quote(arg, `argument ${index + 1}`))].join(" "),
  ];
}

/** A path without a slash would be looked up in PATH, and one with a leading `-` be taken for an option. */
function scriptPath(script: string): string {
  if (script.trim() === "") {
    throw invalid("No script is named: give the path of a script on the instance.");
  }
  if (script.startsWith("~")) {
    throw invalid(`The script's path "${script}" begins with ~, but commands run as root: give the whole path.`);
  }
  return script.startsWith("/") ? script : `./${script}`;
}

function invalid(message: string): PipelineError {
  return new PipelineError("SSM_REQUEST_INVALID", message);
}
