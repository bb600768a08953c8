import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Returns the path of a program of the sandbox that Node.js runs: TypeScript in a checkout, JavaScript in the published package.
 *
 * @param path - relative to the module `from`, without extension
 * @param from - `import.meta.url`
 */
export function programPath(path: string, from: string): string {
  return fileURLToPath(new URL(`${path}${extname(from)}`, from));
}
