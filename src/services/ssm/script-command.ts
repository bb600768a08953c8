import { PipelineError } from "../../errors/pipeline-error.ts";
import { quote, variableName } from "./shell-word.ts";

/** A script on the instance, or shell lines that are part of the command. */
export interface CommandWork extends ScriptCommandOptions {
  /** The shell lines to run; then `script` is only their name in errors. */
  readonly lines?: readonly string[];
}

export interface ScriptCommandOptions {
  /** Path of the script on the instance: absolute, or relative to the working directory. */
  readonly script: string;
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Creates the lines for the `commands` of AWS-RunShellScript that run a script. Path, arguments and values reach it unchanged: nothing in
 * them is executed or expanded, by the shell or by Systems Manager.
 *
 * The lines are for any POSIX `sh`, which the agent runs. They choose the interpreter like an interactive shell: the `#!` line if there is
 * one (even if the file is not executable), nothing for a binary, and otherwise bash if it is installed, because scripts without a `#!`
 * line are mostly written for it. A byte order mark in front of the `#!` line, as Windows editors write it, is skipped, which the kernel does
 * not do. The script replaces the shell, so its exit code is that of the command. A script that does not exist,
 * has Windows line endings in its first line, is in UTF-16 or names an interpreter that does not exist ends with exit code 127 and a message on stderr.
 * Without that, each shell words these failures differently, and some only say "not found".
 *
 * The environment is for the script only, including variables such as `PATH`, `LD_PRELOAD` or `BASH_ENV`: it is set after the interpreter
 * was chosen, and the lines after that run no other program.
 *
 * @throws PipelineError `SSM_REQUEST_INVALID` for an empty path, an invalid variable name, or a NUL character
 */
export function scriptCommand({ script, args = [], environment = {} }: ScriptCommandOptions): string[] {
  const path = scriptPath(script);
  return [
    `script=${quote(path, "the script's path")}`,
    `if [ ! -f "$script" ]; then printf 'There is no script %s on this instance.\\n' "$script" >&2; exit 127; fi`,
    `IFS= read -r first < "$script"`,
    `line=\${first#"$(printf '\\357\\273\\277')"}`,
    `fail() { code=$1; shift; printf "$@" >&2; exit "$code"; }`,
    `case $line in`,
    `  "$(printf '\\377\\376')"*|"$(printf '\\376\\377')"*) fail 126 'The script %s is in UTF-16.\\n' "$script" ;;`,
    `  "$(printf '\\177ELF')"*)`,
    `    if [ ! -x "$script" ]; then fail 126 'The program %s has no execute permission, or its file system is mounted with noexec.\\n' "$script"; fi`,
    `    set -- "$script" ;;`,
    `  *"$(printf '\\r')") fail 127 'The script %s has Windows line endings (CRLF).\\n' "$script" ;;`,
    `  '#!'*)`,
    `    set -f; set -- \${line#??}`,
    `    if [ $# -gt 0 ] && [ ! -f "$1" ]; then fail 127 'The interpreter %s, which the #! line of %s names, is not on this instance.\\n' "$1" "$script"; fi`,
    `    if [ -x "$script" ] && [ "$line" = "$first" ]; then set -- "$script"; else set -- "$@" "$script"; fi ;;`,
    `  *) set -- "$(command -v bash || command -v sh)" "$script" ;;`,
    `esac`,
    ...Object.entries(environment).map(([name, value]) => `export ${variableName(name)}=${quote(value, name)}`),
    ["exec", '"$@"', ...args.map((arg, index) => quote(arg, `argument ${index + 1}`))].join(" "),
  ];
}

/** A path without a slash would be searched in PATH, and one with a leading `-` would be an option. */
function scriptPath(script: string): string {
  if (script.trim() === "") {
    throw invalid("No script is given. Enter the path of a script on the instance.");
  }
  if (script.startsWith("~")) {
    throw invalid(`The script's path "${script}" begins with ~, but commands run as root. Enter the absolute path.`);
  }
  return script.startsWith("/") ? script : `./${script}`;
}

function invalid(message: string): PipelineError {
  return new PipelineError("SSM_REQUEST_INVALID", message);
}
