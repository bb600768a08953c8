import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FOLDER_VARIABLE } from "../local/demo-folder.ts";

const PACKAGES = ["node-red", "node-red-contrib-lightly-aws"];

/**
 * Finds Node-RED and the nodes in the working directory, or installs them below `.sandbox`, for the demo that is loaded afterwards.
 *
 * @returns whether both are there; otherwise npm has said why not
 */
export async function prepareDemo(): Promise<boolean> {
  const own = join(process.cwd(), ".sandbox", "packages");
  const folder = [process.cwd(), own].find(hasPackages) ?? own;
  process.env[FOLDER_VARIABLE] = folder;
  return hasPackages(folder) || process.argv.includes("--help") || (await install(folder));
}

function hasPackages(folder: string): boolean {
  return PACKAGES.every((name) => existsSync(join(folder, "node_modules", name, "package.json")));
}

async function install(folder: string): Promise<boolean> {
  const { version } = JSON.parse(await readFile(join(import.meta.dirname, "../../../package.json"), "utf8")) as {
    readonly version: string;
  };
  console.log(
    `Installing Node-RED 5 and node-red-contrib-lightly-aws ${version} in ${folder} (200 MB, kept for the next time) ...`,
  );
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "private": true }\n');
  const args = [
    "install",
    "--no-fund",
    "--no-audit",
    "--loglevel=error",
    "node-red@5",
    `node-red-contrib-lightly-aws@${version}`,
  ];
  const npm = spawn("npm", args, { cwd: folder, stdio: "inherit" });
  const [code] = await once(npm, "exit");
  if (code !== 0) {
    console.error(`npm could not install them. Install them yourself, in this folder or in ${folder}.`);
    process.exitCode = 1;
  }
  return code === 0;
}
