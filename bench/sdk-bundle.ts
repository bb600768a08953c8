import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { PACKAGE_ROOT } from "../scripts/local/package-root.ts";
import type { Bench, Figure } from "./benchmark.ts";

const REPETITIONS = 9;
const BUNDLE = join(PACKAGE_ROOT, "dist/sdk");
/** What the first run of the example needs, in the bundle and in npm's packages. */
const MODULES = {
  ec2: "@aws-sdk/client-ec2",
  s3: "@aws-sdk/client-s3",
  ssm: "@aws-sdk/client-ssm",
  credentials: "@aws-sdk/credential-providers",
};

export const sdkBundle = {
  name: "sdk-bundle",
  title: "loading what the first run needs of the AWS SDK, from dist/sdk and from npm's packages",
  measure,
};

interface Load {
  readonly cpuMs: number;
  readonly mebibytes: number;
}

async function measure(bench: Bench): Promise<Figure[]> {
  const bundle: Load[] = [];
  const packages: Load[] = [];
  for (let round = 1; round <= REPETITIONS; round += 1) {
    bench.say(`load ${round} of ${REPETITIONS}`);
    bundle.push(
      await load(
        Object.keys(MODULES).map((name) => join(BUNDLE, name)),
        bench,
      ),
    );
    packages.push(await load(Object.values(MODULES), bench));
  }
  return [
    { name: "from the bundle, processor time", unit: "ms", values: bundle.map(({ cpuMs }) => cpuMs) },
    { name: "from the packages, processor time", unit: "ms", values: packages.map(({ cpuMs }) => cpuMs) },
    { name: "from the bundle, memory", unit: "MiB", values: bundle.map(({ mebibytes }) => mebibytes) },
    { name: "from the packages, memory", unit: "MiB", values: packages.map(({ mebibytes }) => mebibytes) },
    { name: "the bundle on disk", unit: "MiB", values: [(await sizeOf(BUNDLE)) / 2 ** 20] },
    { name: "the packages on disk", unit: "MiB", values: [(await sizeOfPackages()) / 2 ** 20] },
  ];
}

/** Loads modules in a fresh process. */
async function load(modules: readonly string[], { signal }: Bench): Promise<Load> {
  const script = `
    const [cpu, memory] = [process.cpuUsage(), process.memoryUsage().rss];
    ${JSON.stringify(modules)}.forEach(require);
    const { user, system } = process.cpuUsage(cpu);
    console.log(JSON.stringify({ cpuMs: (user + system) / 1000, mebibytes: (process.memoryUsage().rss - memory) / 2 ** 20 }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", script], { cwd: PACKAGE_ROOT, signal });
  return JSON.parse(stdout) as Load;
}

/** The bytes of the packages that src/sdk imports, with all that they depend on. */
async function sizeOfPackages(): Promise<number> {
  const { devDependencies } = await readManifest(PACKAGE_ROOT);
  const found = new Map<string, string>();
  const add = async (name: string, from: string): Promise<void> => {
    const folder = folderOf(name, from);
    if (folder !== undefined && !found.has(folder)) {
      found.set(folder, name);
      await Promise.all(Object.keys((await readManifest(folder)).dependencies ?? {}).map((one) => add(one, folder)));
    }
  };
  const modules = await readdir(join(PACKAGE_ROOT, "src/sdk"));
  const sources = await Promise.all(modules.map((name) => readFile(join(PACKAGE_ROOT, "src/sdk", name), "utf8")));
  const bundled = Object.keys(devDependencies ?? {}).filter((name) =>
    sources.some((code) => code.includes(`"${name}`)),
  );
  await Promise.all(bundled.map((name) => add(name, PACKAGE_ROOT)));
  const sizes = await Promise.all([...found.keys()].map(sizeOf));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Where Node.js finds a package. */
function folderOf(name: string, from: string): string | undefined {
  const above = from.split(/(?=[\\/]node_modules[\\/])/).map((_, index, parts) => parts.slice(0, index + 1).join(""));
  return above
    .reverse()
    .map((folder) => join(folder, "node_modules", name))
    .find(existsSync);
}

async function readManifest(folder: string): Promise<{ dependencies?: object; devDependencies?: object }> {
  return JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
}

/** The bytes of the files in a folder, without packages inside of it. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !path.slice(folder.length).includes("node_modules"));
  const sizes = await Promise.all(files.map(async (path) => (await stat(path)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
