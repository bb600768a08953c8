import { execFile } from "node:child_process";
import { readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { PACKAGE_ROOT } from "../scripts/local/package-root.ts";
import { npmPack } from "../scripts/npm-pack.ts";
import type { Bench, Figure } from "./benchmark.ts";
import { installNothing, type StartFacts, startMeasured } from "./measured-node-red.ts";

/** The starts of Node-RED differ by more than what the package adds. */
const REPETITIONS = 21;

/** The AWS nodes of the Node-RED project: one set with nodes for S3. It loads its SDK when a flow has credentials. */
const PEER = "node-red-node-aws@0.1.8";

/** A flow with an AWS account and an S3 node. */
const USED = [
  { id: "account", type: "lightly-aws-account", region: "eu-central-1" },
  { id: "upload", type: "lightly-s3-upload", z: "tab", account: "account", bucket: "videos", wires: [[]] },
];

/** A Node-RED that is started again and again. */
interface Kind {
  readonly name: string;
  readonly install: (nodeModules: string) => Promise<void>;
  /** What is in the flow besides its tab. */
  readonly nodes?: readonly object[];
  readonly starts: StartFacts[];
}

export const loading = {
  name: "loading",
  title: "what the package adds to the start of Node-RED 5, from the start of the process to its started flows",
  measure,
};

async function measure(bench: Bench): Promise<Figure[]> {
  // Both with their dependencies, as npm installs them: Node-RED reads the package.json of each.
  const { archive } = await npmPack(PACKAGE_ROOT, bench.folder);
  const own = await installed(bench, "own", archive);
  const bare: Kind = { name: "bare", install: installNothing, starts: [] };
  const peer: Kind = { name: "peer", install: await installed(bench, "peer", PEER), starts: [] };
  const loaded: Kind = { name: "loaded", install: own, starts: [] };
  const used: Kind = { name: "used", install: own, nodes: USED, starts: [] };
  const kinds = [bare, peer, loaded, used];
  for (let round = 0; round <= REPETITIONS; round += 1) {
    for (const { name, install, nodes = [], starts } of round % 2 === 0 ? kinds : kinds.toReversed()) {
      bench.say(`start ${round} of ${REPETITIONS}, ${name}`);
      const flow = join(bench.folder, `${name}.json`);
      await writeFile(flow, JSON.stringify([{ id: "tab", type: "tab", label: name }, ...nodes]));
      const nodeRed = await startMeasured(bench, { name, flow, install });
      await nodeRed.close();
      // The first start of a user directory also writes Node-RED's settings into it.
      if (round > 0) {
        starts.push(nodeRed.start);
      }
    }
  }
  const required = await requireTimes(bench);
  const figures = (title: string, { starts }: Kind, goal?: Figure["goal"]): Figure[] => {
    const added = (key: "elapsedMs" | "cpuMs"): number[] =>
      starts.map((start, round) => start[key] - (bare.starts[round]?.[key] ?? Number.NaN));
    return [
      { name: `${title}, elapsed`, unit: "ms", values: added("elapsedMs"), ...(goal && { goal }) },
      { name: `${title}, processor time`, unit: "ms", values: added("cpuMs") },
    ];
  };
  return [
    { name: "Node-RED alone, elapsed", unit: "ms", values: bare.starts.map(({ elapsedMs }) => elapsedMs) },
    { name: "Node-RED alone, processor time", unit: "ms", values: bare.starts.map(({ cpuMs }) => cpuMs) },
    ...figures("added by the package", loaded, { most: 50 }),
    ...figures("added by it and a flow with an S3 node", used),
    ...figures(`added by ${PEER}`, peer),
    { name: "require of all sets in one process", unit: "ms", values: required, goal: { most: 50 } },
    {
      name: "AWS SDK modules loaded",
      unit: "",
      values: loaded.starts.map(({ sdkModules }) => sdkModules),
      goal: { most: 0 },
    },
  ];
}

/** Installs a package, and returns what gives a Node-RED its folder `node_modules`. */
async function installed({ folder, signal, say }: Bench, name: string, spec: string): Promise<Kind["install"]> {
  say(`npm install ${spec}`);
  const prefix = join(folder, `${name}-packages`);
  const args = ["install", "--prefix", prefix, "--no-audit", "--no-fund", "--ignore-scripts", spec];
  await promisify(execFile)("npm", args, { signal, shell: process.platform === "win32" });
  return async (nodeModules) => {
    await rm(nodeModules, { recursive: true });
    await symlink(join(prefix, "node_modules"), nodeModules, "junction");
  };
}

/** In a fresh process each time, since a module is loaded once. */
async function requireTimes({ signal }: Bench): Promise<number[]> {
  const { "node-red": sets } = JSON.parse(await readFile(join(PACKAGE_ROOT, "package.json"), "utf8")) as {
    "node-red": { nodes: Record<string, string>; plugins: Record<string, string> };
  };
  const files = [...Object.values(sets.nodes), ...Object.values(sets.plugins)].map((file) => join(PACKAGE_ROOT, file));
  const script = `const before = performance.now(); ${JSON.stringify(files)}.forEach(require); console.log(performance.now() - before)`;
  const times: number[] = [];
  for (let round = 0; round < REPETITIONS; round += 1) {
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", script], { signal });
    times.push(Number(stdout));
  }
  return times;
}
