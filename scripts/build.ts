import { dirname, resolve } from "node:path";
import { buildPackage } from "./build-package.ts";

// The script's own path, so that it runs from any folder.
const root = resolve(dirname(process.argv[1] ?? "."), "..");

buildPackage({ root, outDir: resolve(root, "dist") }).then(
  ({ files, removed, compiled, milliseconds }) => {
    const stale = removed.length > 0 ? `, ${removed.length} stale ones removed` : "";
    console.log(`dist: ${files.length} files in ${(milliseconds / 1000).toFixed(1)} s${stale}`);
    if (!compiled) {
      process.exitCode = 1;
    }
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
