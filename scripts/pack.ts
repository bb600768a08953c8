import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { npmPack } from "./npm-pack.ts";
import { packSandbox } from "./sandbox-package/pack.ts";

const ROOT = resolve(import.meta.dirname, "..");

/** Packs both packages into `artifacts/`, as they are published: `npm run pack`. */
async function main(): Promise<void> {
  const folder = join(ROOT, "artifacts");
  await mkdir(folder, { recursive: true });
  const { archive: nodes } = await npmPack(ROOT, folder);
  for (const archive of [nodes, await packSandbox(ROOT, folder)]) {
    const hash = createHash("sha256").update(await readFile(archive));
    console.log(`${hash.digest("hex")}  ${archive}`);
  }
}

await main();
