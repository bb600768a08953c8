import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { referencePages } from "./docs/reference-pages.ts";
import { PACKAGE_ROOT } from "./local/package-root.ts";

/** Writes the generated pages of docs: `npm run docs`. */
async function main(): Promise<void> {
  await rm(join(PACKAGE_ROOT, "docs", "nodes"), { recursive: true, force: true });
  for (const [path, content] of referencePages(PACKAGE_ROOT)) {
    await mkdir(dirname(join(PACKAGE_ROOT, path)), { recursive: true });
    await writeFile(join(PACKAGE_ROOT, path), content);
    console.log(path);
  }
}

await main();
