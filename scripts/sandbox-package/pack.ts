import { execFile } from "node:child_process";
import { chmod, cp, glob, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { npmPack } from "../npm-pack.ts";

type Versions = Readonly<Record<string, string>>;
type Manifest = Record<string, unknown> & { readonly dependencies: Versions; readonly devDependencies?: Versions };

/** Files that the programs read, beside the compiled ones. */
const READ_FILES = ["requirements-studio.txt", "requirements-studio-models.txt"].map(
  (name) => `test/conformance/${name}`,
);

/**
 * Packs `lightly-aws-sandbox`: the sandbox and the demo as JavaScript, because Node.js does not run TypeScript in `node_modules`.
 *
 * @param root - of the checkout
 * @param destination - the folder of the archive
 * @returns the path of the archive
 */
export async function packSandbox(root: string, destination: string): Promise<string> {
  const stage = await mkdtemp(join(tmpdir(), "lightly-aws-sandbox-"));
  try {
    const dist = join(stage, "dist");
    await compile(root, dist);
    for (const file of READ_FILES) {
      await mkdir(dirname(join(dist, file)), { recursive: true });
      await cp(join(root, file), join(dist, file));
    }
    await chmod(join(dist, "scripts/sandbox-package/cli.js"), 0o755);
    await cp(join(root, "LICENSE"), join(stage, "LICENSE"));
    await cp(join(root, "sandbox/README.md"), join(stage, "README.md"));
    await writeFile(join(stage, "package.json"), `${JSON.stringify(await manifest(root, dist), null, 2)}\n`);
    return (await npmPack(stage, destination)).archive;
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

/** The workspace's manifest with compiled entry points, and what the compiled modules import as dependencies. */
async function manifest(root: string, dist: string): Promise<object> {
  const { private: _private, exports, ...own } = await readManifest(join(root, "sandbox/package.json"));
  const { repository, author, homepage, bugs, dependencies, devDependencies } = await readManifest(
    join(root, "package.json"),
  );
  const versions: Versions = { ...devDependencies, ...dependencies, ...own.dependencies };
  const imported = await importedPackages(dist);
  const unknown = imported.filter((name) => versions[name] === undefined);
  if (unknown.length > 0) {
    throw new Error(`No package.json has a version of ${unknown.join(", ")}.`);
  }
  return {
    ...own,
    ...{ author, homepage, bugs, repository },
    bin: { "lightly-aws-sandbox": "dist/scripts/sandbox-package/cli.js" },
    files: ["dist"],
    exports: Object.fromEntries(
      Object.entries(exports as Record<string, string>).map(([name, path]) => [
        name,
        path.replace("./src/", "./dist/sandbox/src/").replace(/\.ts$/, ".js"),
      ]),
    ),
    dependencies: Object.fromEntries(imported.map((name) => [name, versions[name]])),
  };
}

async function readManifest(path: string): Promise<Manifest> {
  return JSON.parse(await readFile(path, "utf8")) as Manifest;
}

/** The import declarations and expressions that the compiler writes. */
const IMPORTS = /^(?:import|export|\}).*\bfrom "([^"\n]+)"|\bimport\("([^"\n]+)"\)|^import "([^"\n]+)"/gm;

/** The names of the packages that compiled modules import. */
async function importedPackages(dist: string): Promise<string[]> {
  const names = new Set<string>();
  for await (const path of glob("**/*.js", { cwd: dist })) {
    const code = await readFile(join(dist, path), "utf8");
    for (const [, named, lazy, bare] of code.matchAll(IMPORTS)) {
      const specifier = named ?? lazy ?? bare ?? "";
      const [scope = "", name = ""] = specifier.split("/");
      if (!/^(?:\.|node:)/.test(specifier) && scope !== "lightly-aws-sandbox") {
        names.add(scope.startsWith("@") ? `${scope}/${name}` : scope);
      }
    }
  }
  return [...names].sort();
}

/**
 * Types are not checked, which takes most of the time: `npm run check` does that.
 *
 * @throws Error with the messages of the compiler, which it writes to its standard output
 */
async function compile(root: string, outDir: string): Promise<void> {
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const args = [compiler, "-p", join(root, "scripts/sandbox-package/tsconfig.json"), "--outDir", outDir, "--noCheck"];
  await promisify(execFile)(process.execPath, args).catch(({ stdout }: { stdout: string }) => {
    throw new Error(`The sandbox does not compile:\n${stdout}`);
  });
}
