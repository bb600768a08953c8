import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Puts the token where the instance's `aws` finds it: in place of Parameter Store and Secrets Manager, which are not there. */
export function writeTokenFile(instanceFolder: string, token: string): void {
  mkdirSync(join(instanceFolder, "var", "lib", "sandbox"), { recursive: true });
  writeFileSync(pathIn(instanceFolder), token, { mode: 0o600 });
}

/** What {@link writeTokenFile} has put there. */
export function readTokenFile(instanceFolder: string): string {
  return readFileSync(pathIn(instanceFolder), "utf8");
}

function pathIn(instanceFolder: string): string {
  return join(instanceFolder, "var", "lib", "sandbox", "lightly-token");
}
