import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { promisify } from "node:util";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { installPackage, packPackage } from "./packed-package.ts";

const run = promisify(execFile);

/** All files of the package. */
const ALLOWED = [
  /^(package\.json|LICENSE|(README|CHANGELOG|CONTRIBUTING|SECURITY)\.md)$/,
  /^docs\/(images\/)?([\w-]+\/)*[\w-]+\.(md|png)$/,
  /^deploy\/aws\/template\.yaml$/,
  /^examples\/[\w-]+\.json$/,
  /^dist\/sdk\/([\w-]+\.js|parts\/[\w-]+\.js|THIRD-PARTY-NOTICES\.txt)$/,
  /^dist\/(errors|concurrency|fields|instances|journal|messages|polling|records|runs|services|check|cli|nodes|plugins)\/([\w-]+\/)*[\w-]+\.js$/,
  /^dist\/(nodes|plugins)\/[\w-]+\/([\w-]+\.html|icons\/[\w-]+\.svg|locales\/[\w-]+\/[\w-]+\.(html|json))$/,
  /^dist\/studio\/select_frames\/\w+\.py$/,
];

/** Loads every module of the package in its working directory with all that it imports, and prints how many modules it has loaded. */
const LOAD_EVERYTHING = `
const { globSync, readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { resolve } = require("node:path");
// The program would run its command.
for (const file of globSync("dist/**/*.js").filter((path) => !path.endsWith("main.js"))) {
  const load = createRequire(resolve(file));
  load(resolve(file));
  for (const [, path] of readFileSync(file, "utf8").matchAll(/(?:require|import)\\("(\\.[^"]+)"\\)/g)) load(path);
}
console.log(Object.keys(require.cache).length);
`;

/** Loads the modules that Node-RED loads at its start, and prints which others of the package were loaded, too. */
const LOAD_SETS = `
const { resolve } = require("node:path");
const { nodes, plugins } = require(resolve("package.json"))["node-red"];
const sets = [...Object.values(nodes), ...Object.values(plugins)].map((path) => resolve(path));
sets.forEach(require);
console.log(JSON.stringify(Object.keys(require.cache).filter((path) => !sets.includes(path) && path.endsWith(".js"))));
`;

/** Starts the sets like Node-RED does in a user directory, and prints which modules of the registry of runs were loaded. */
const START_SETS = `
const { EventEmitter } = require("node:events");
const { resolve } = require("node:path");
const { nodes, plugins } = require(resolve("package.json"))["node-red"];
const nothing = () => {};
const red = {
  settings: { userDir: process.argv[1] },
  events: new EventEmitter(),
  log: { info: nothing, warn: nothing },
  auth: { needsPermission: () => nothing },
  httpAdmin: { use: nothing },
  nodes: { registerType: nothing },
};
[...Object.values(plugins), ...Object.values(nodes)].forEach((path) => require(resolve(path)).default(red));
red.events.emit("flows:started");
console.log(JSON.stringify(Object.keys(require.cache).filter((path) => path.endsWith("run-registry.js"))));
`;

describe("the packed package", () => {
  const folder = temporaryFolder();
  let files: readonly string[];
  let installed: string;

  before(async () => {
    const packed = await packPackage();
    files = packed.files;
    installed = await installPackage(packed.archive, join(folder, "node_modules"));
  });

  it("contains what its pages link to", async () => {
    const pages = files.filter((file) => file.endsWith(".md"));
    const links = (await Promise.all(pages.map(linksOf))).flat();
    assert.ok(links.length > 100);
    assert.deepEqual(
      links.filter(({ target }) => !files.includes(target)),
      [],
    );
  });

  it("contains only what a user needs", () => {
    assert.deepEqual(
      files.filter((file) => !ALLOWED.some((pattern) => pattern.test(file))),
      [],
    );
  });

  it("contains readme and license", () => {
    for (const file of ["README.md", "LICENSE", "examples/flows.json", "deploy/aws/template.yaml"]) {
      assert.ok(files.includes(file), `${file} is not in the package`);
    }
  });

  it("contains all files of each of its sets", async () => {
    const { "node-red": sets } = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
    for (const path of [...Object.values<string>(sets.nodes), ...Object.values<string>(sets.plugins)]) {
      assert.ok(files.includes(path), `${path} is not in the package`);
    }
    for (const path of Object.values<string>(sets.nodes)) {
      const name = posix.basename(path, ".js");
      const locale = posix.join(posix.dirname(path), "locales", "en-US", name);
      for (const file of [path.replace(/\.js$/, ".html"), `${locale}.json`, `${locale}.html`]) {
        assert.ok(files.includes(file), `${file} is not in the package`);
      }
    }
  });

  it("has a program that npx runs", async () => {
    const { bin } = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
    const program = join(installed, bin["node-red-contrib-lightly-aws"]);
    assert.match(await readFile(program, "utf8"), /^#!\/usr\/bin\/env node\n/);
    const { stdout } = await run(process.execPath, [program, "--help"]);
    assert.match(stdout, /^Usage: node-red-contrib-lightly-aws check/);
  });

  it("loads each of its modules with only the declared dependencies", async () => {
    const { stdout } = await run(process.execPath, ["-e", LOAD_EVERYTHING], { cwd: installed });
    assert.ok(Number(stdout) > 300, stdout);
  });

  it("loads no module at the start of Node-RED but those of its sets", async () => {
    const { stdout } = await run(process.execPath, ["-e", LOAD_SETS], { cwd: installed });
    assert.deepEqual(JSON.parse(stdout), []);
  });

  it("loads the registry of runs at the start of Node-RED only if there is a folder of runs", async () => {
    const loadedIn = async (userDir: string): Promise<number> => {
      const { stdout } = await run(process.execPath, ["-e", START_SETS, userDir], { cwd: installed });
      return JSON.parse(stdout).length;
    };
    const [fresh, used] = [join(folder, "fresh"), join(folder, "used")];
    await mkdir(join(used, "lightly-aws", "runs"), { recursive: true });
    assert.deepEqual([await loadedIn(fresh), await loadedIn(used)], [0, 1]);
  });

  /** The files that a page links to, by their paths in the package. */
  async function linksOf(page: string): Promise<{ readonly page: string; readonly target: string }[]> {
    return [...(await readFile(join(installed, page), "utf8")).matchAll(/\]\(([^)#\s]+)/g)]
      .map(([, link = ""]) => link)
      .filter((link) => !link.includes("://"))
      .map((link) => ({ page, target: posix.join(posix.dirname(page), link) }));
  }
});
