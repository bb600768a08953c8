import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { packSandbox } from "./sandbox-package/pack.ts";

const ROOT = resolve(import.meta.dirname, "..");

/** Packs both packages into `artifacts/`, as they are published: `npm run pack`. */
async function main(): Promise<void> {
  const folder = join(ROOT, "artifacts");
  await mkdir(folder, { recursive: true });
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const { stdout } = await promisify(execFile)("npm", args, { cwd: ROOT });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  for (const archive of [join(folder, filename), await packSandbox(ROOT, folder)]) {
    const hash = createHash("sha256").update(await readFile(archive));
    console.log(`${hash.digest("hex")}  ${archive}`);
  }
}

await main();
