import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { FOLDER_VARIABLE } from "./demo-folder.ts";

const NAME = "node-red-contrib-lightly-aws";
const CHECKOUT = resolve(import.meta.dirname, "../..");
const IS_CHECKOUT = isCheckout();

/** The package with the nodes: this checkout, or where npm installs it. */
export const PACKAGE_ROOT = IS_CHECKOUT ? CHECKOUT : join(process.env[FOLDER_VARIABLE] ?? ".", "node_modules", NAME);

/** Where the demo and `npm start` keep clips, sandbox and Node-RED. */
export const STATE_DIR = join(IS_CHECKOUT ? CHECKOUT : process.cwd(), ".sandbox");

/** Returns the path of a file of an installed package. */
export function resolvePackage(specifier: string): string {
  const folder = process.env[FOLDER_VARIABLE];
  return createRequire(folder === undefined ? import.meta.url : join(folder, "package.json")).resolve(specifier);
}

function isCheckout(): boolean {
  try {
    return (JSON.parse(readFileSync(join(CHECKOUT, "package.json"), "utf8")) as { name?: string }).name === NAME;
  } catch {
    return false;
  }
}
