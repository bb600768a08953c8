import { readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { build, type Metafile, type Plugin, transform } from "esbuild";
import { type BundledPackage, bundledPackages, thirdPartyNotices } from "./bundled-packages.ts";

/** The bundle of the AWS SDK. */
export interface SdkBundle {
  /** The content of each file, by its path in the output folder. */
  readonly files: ReadonlyMap<string, string>;
  /** What the bundle contains. */
  readonly packages: readonly BundledPackage[];
}

/**
 * Bundles the modules in `src/sdk` with those parts of the AWS SDK that they export: 1.4 MiB in place of the 33 MiB that
 * npm would install, most of them operations and declarations that nothing here uses.
 *
 * A part that several modules need is a file of its own, and is loaded once. esbuild splits only ECMAScript modules, so the format of the
 * package is a second step.
 *
 * @param root - folder of package.json
 */
export async function bundleSdk(root: string): Promise<SdkBundle> {
  const outDir = resolve(root, "dist");
  const { outputFiles, metafile } = await build({
    absWorkingDir: resolve(root),
    entryPoints: ["src/sdk/*.ts"],
    outbase: "src",
    outdir: outDir,
    chunkNames: "sdk/parts/[name]-[hash]",
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    target: "node22",
    // The ECMAScript modules of the packages: unused exports of the other ones can't be removed.
    mainFields: ["module", "main"],
    charset: "utf8",
    legalComments: "none",
    logLevel: "silent",
    plugins: [PURE_SCHEMAS],
  });
  const files = await Promise.all(
    outputFiles.map(async ({ path, text }) => [relative(outDir, path), await asCommonJs(text)] as const),
  );
  const packages = await bundledPackages(inputsOf(metafile).map((path) => resolve(root, path)));
  return {
    packages,
    files: new Map([...files, [join("sdk", "THIRD-PARTY-NOTICES.txt"), thirdPartyNotices(packages)]]),
  };
}

/**
 * Writes out the keys of the schemas of a service: `[_xN]: _vI` becomes `"xmlName": _vI`. esbuild keeps a declaration with a computed key,
 * even if nothing uses it, because computing a key may have effects. The schemas of EC2 are a megabyte.
 */
const PURE_SCHEMAS: Plugin = {
  name: "pure-schemas",
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]schemas[\\/]schemas_\d+\.js$/ }, async ({ path }) => {
      const code = await readFile(path, "utf8");
      const values = new Map(
        [...code.matchAll(/^const (_\w+) = ("[^"]*");$/gm)].map(([, name, value]) => [name, value]),
      );
      return {
        contents: code.replace(/\[(_\w+)\]:/g, (key, name) => (values.has(name) ? `${values.get(name)}:` : key)),
      };
    });
  },
};

/** Also replaces `import()` by `require()`: an import of node:http evaluates all its exports, and so loads undici, which takes 0.1 s. */
async function asCommonJs(code: string): Promise<string> {
  const supported = { "dynamic-import": false };
  return (await transform(code, { format: "cjs", platform: "node", target: "node22", charset: "utf8", supported }))
    .code;
}

/** The files of which at least a part is in the bundle. */
function inputsOf({ outputs }: Metafile): string[] {
  const parts = Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs));
  return [...new Set(parts.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path))];
}
