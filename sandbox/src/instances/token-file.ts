import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes the token to the file that the instance's `aws` reads instead of Parameter Store and Secrets Manager. */
export function writeTokenFile(instanceFolder: string, token: string): void {
  mkdirSync(join(instanceFolder, "var", "lib", "sandbox"), { recursive: true });
  writeFileSync(pathIn(instanceFolder), token, { mode: 0o600 });
}

/** Reads the file of {@link writeTokenFile}. */
export function readTokenFile(instanceFolder: string): string {
  return readFileSync(pathIn(instanceFolder), "utf8");
}

function pathIn(instanceFolder: string): string {
  return join(instanceFolder, "var", "lib", "sandbox", "lightly-token");
}
