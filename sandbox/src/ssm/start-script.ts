import { join } from "node:path";
import { relocate, safeFolder } from "../instances/instance-disk.ts";
import type { Command } from "./command.ts";
import { runScript, type ScriptRun } from "./script-run.ts";

/**
 * Starts a command's script on the instance whose disk is `folder`.
 *
 * @throws Error when the process can't be started, e.g. in an invalid working directory
 */
export function startScript(
  command: Command,
  folder: string,
  environment: Readonly<Record<string, string>>,
): ScriptRun {
  const here = safeFolder(folder);
  const [workingDirectory = ""] = command.parameters.workingDirectory ?? [];
  return runScript({
    folder: join(folder, "var/lib/amazon/ssm", command.commandId, "awsrunShellScript/0.awsrunShellScript"),
    lines: (command.parameters.commands ?? []).map((line) => relocate(line, here)),
    cwd: workingDirectory.startsWith("/") ? relocate(workingDirectory, here) : folder,
    environment: { ...environment, SSM_COMMAND_ID: command.commandId },
  });
}
