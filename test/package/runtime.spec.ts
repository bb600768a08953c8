import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type NodeRedProcess, startNodeRed } from "../../scripts/local/node-red-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { keysOf } from "./built-node.ts";
import { installPackage, packPackage } from "./packed-package.ts";

const PACKAGE = "node-red-contrib-lightly-aws";
const READER = { Authorization: "Bearer reader" };

/**
 * Anyone may deploy, but only the bearer of a token may read runs. An additional page lists the CommonJS modules that the process has
 * loaded.
 */
const SETTINGS = `
  adminAuth: {
    default: { permissions: ["flows.read", "flows.write", "nodes.read", "plugins.read", "library.read"] },
    tokens: async (token) => (token === "reader" ? { username: "reader", permissions: "lightly-aws-runs.read" } : null),
  },
  httpAdminMiddleware: (request, response, next) =>
    request.url === "/test/loaded-modules" ? response.json(Object.keys(require.cache)) : next(),
`;

/** Lines of the log that must not occur, and the warnings of Node-RED about every new user directory. */
const TROUBLE = /\[(warn|error|fatal)\]|missing types|^\s+at .*:\d+:\d+/i;
const ORDINARY = /Projects disabled|Encrypted credentials not found/;

/** Node-RED's description of a set of nodes. */
interface NodeSet {
  readonly id: string;
  readonly name: string;
  readonly types: readonly string[];
  readonly enabled: boolean;
  readonly module: string;
  readonly err?: unknown;
}

for (const nodeRedPackage of ["node-red", "node-red-4"]) {
  describe(`the packed package in ${nodeRedPackage}`, () => {
    const folder = temporaryFolder();
    let nodeRed: NodeRedProcess;
    let sets: NodeSet[];
    const log: string[] = [];
    const troubles = (): string[] => log.filter((line) => TROUBLE.test(line) && !ORDINARY.test(line));

    before(async () => {
      const { archive } = await packPackage();
      nodeRed = await startNodeRed({
        package: nodeRedPackage,
        userDir: join(folder, "user"),
        flow: resolve("examples", "flows.json"),
        allNodes: true,
        install: async (nodeModules) => void (await installPackage(archive, nodeModules)),
        settings: SETTINGS,
        environment: {},
        onLog: (line) => log.push(line),
      });
      sets = (await json<NodeSet[]>("/nodes")).filter((set) => set.module === PACKAGE);
    });
    after(() => nodeRed?.close());

    const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
      fetch(`${nodeRed.url}${path}`, { headers: { Accept: "application/json", ...headers } });
    const json = async <T>(path: string): Promise<T> => (await get(path)).json() as Promise<T>;

    it("loads all its sets without an error", async () => {
      const { "node-red": declared } = JSON.parse(await readFile("package.json", "utf8"));
      assert.deepEqual(sets.map(({ name }) => name).sort(), Object.keys(declared.nodes).sort());
      for (const set of sets) {
        assert.deepEqual([set.err, set.enabled, set.types], [undefined, true, [set.name]], set.name);
      }
      const plugins = await json<NodeSet[]>("/plugins");
      const ours = plugins.filter(({ module }) => module === PACKAGE).map(({ name, enabled }) => ({ name, enabled }));
      assert.deepEqual(
        ours,
        Object.keys(declared.plugins).map((name) => ({ name, enabled: true })),
      );
    });

    it("runs the example flow without a warning", () => {
      assert.ok(log.some((line) => line.includes("Started flows")));
      assert.deepEqual(troubles(), []);
    });

    it("has loaded no AWS SDK module, although every node is in a flow", async () => {
      const loaded = await json<string[]>("/test/loaded-modules");
      const own = loaded.filter((path) => path.includes(PACKAGE));
      assert.ok(own.length >= sets.length, "the modules of this package are not seen");
      // Node-RED reads the manifest of each package that it finds, which is not code.
      const sdk = loaded.filter((path) => /[\\/](@aws-sdk|@smithy|dist[\\/]sdk)[\\/].*\.[cm]?js$/.test(path));
      assert.deepEqual(sdk, []);
    });

    it("serves each icon", async () => {
      for (const { name } of sets) {
        const icon = await get(`/icons/${PACKAGE}/${name}.svg`);
        assert.deepEqual([icon.status, icon.headers.get("content-type")], [200, "image/svg+xml"], name);
        assert.match(await icon.text(), /^<svg/);
      }
    });

    it("serves each complete catalog", async () => {
      for (const { name, id } of sets) {
        const file = join("dist", "nodes", name, "locales", "en-US", `${name}.json`);
        const served = await json<Record<string, unknown>>(`/locales/${id}?lng=en-US`);
        assert.deepEqual(keysOf(served).sort(), keysOf(JSON.parse(await readFile(file, "utf8"))).sort(), name);
      }
    });

    it("serves the form and the help of each node", async () => {
      const page = await (await get("/nodes", { Accept: "text/html" })).text();
      for (const { name } of sets) {
        assert.ok(page.includes(`data-template-name="${name}"`), `the form of ${name}`);
        assert.ok(page.includes(`data-help-name="${name}"`), `the help of ${name}`);
      }
    });

    it("serves German texts for forms and panel on request", async () => {
      for (const language of ["de", "de-AT"]) {
        const forms = await json<Record<string, Record<string, unknown>>>(`/nodes/messages?lng=${language}`);
        const panel = await json<Record<string, { title?: string }>>(`/plugins/messages?lng=${language}`);
        const page = await (await get("/nodes", { Accept: "text/html", "Accept-Language": language })).text();
        for (const { name, id } of sets) {
          const file = join("dist", "nodes", name, "locales", "de", `${name}.json`);
          assert.deepEqual(forms[id], JSON.parse(await readFile(file, "utf8")), name);
          assert.ok(page.includes(`data-help-name="${name}"`), `the help of ${name}`);
        }
        assert.equal(panel[`${PACKAGE}/lightly-aws`]?.title, "Durchläufe");
      }
    });

    it("serves the Runs panel: script, style and catalog", async () => {
      const page = await (await get("/plugins", { Accept: "text/html" })).text();
      assert.match(page, /<style>[^<]*\.lightly-runs /);
      assert.match(page, /registerPlugin\(/);
      const catalogs = await json<Record<string, { title?: string }>>("/plugins/messages?lng=en-US");
      assert.equal(catalogs[`${PACKAGE}/lightly-aws`]?.title, "Runs");
    });

    it("shows runs only to users with permission", async () => {
      for (const path of [
        "/lightly-aws/runs",
        "/lightly-aws/runs?summary",
        "/lightly-aws/runs/1",
        "/lightly-aws/accounts",
        "/lightly-aws/changes",
      ]) {
        assert.equal((await get(path)).status, 401, path);
      }
      assert.deepEqual(await (await get("/lightly-aws/runs", READER)).json(), []);
      assert.deepEqual(await (await get("/lightly-aws/runs?summary", READER)).json(), []);
      assert.equal((await get("/lightly-aws/accounts", READER)).status, 200);
      assert.equal((await get("/lightly-aws/runs/1", READER)).status, 404);
    });

    it("offers its examples in the import menu, and deploys each of them in each way", async () => {
      const examples = (await readdir("examples")).filter((file) => file.endsWith(".json"));
      assert.deepEqual(
        await json(`/library/examples/flows/${PACKAGE}`),
        examples.map((file) => ({ fn: file.replace(/\.json$/, "") })),
      );
      for (const example of examples) {
        const flows = JSON.parse(await readFile(join("examples", example), "utf8"));
        for (const type of ["full", "nodes", "flows", "reload"]) {
          assert.equal(await deploy(nodeRed.url, type, flows), 200, `${example}, ${type}`);
        }
      }
      assert.deepEqual(troubles(), []);
    });

    it("shows the frames of runs only to users with permission to read runs", async () => {
      for (const path of ["/lightly-aws/runs/1/frames", "/lightly-aws/runs/1/frames/0/thumbnail"]) {
        assert.equal((await get(path)).status, 401, path);
        assert.equal((await get(path, READER)).status, 404, path);
      }
    });

    it("ends without an error, and leaves no process", async () => {
      await nodeRed.close();
      assert.ok(
        log.some((line) => line.includes("Stopped flows")),
        "the flows were not stopped in time",
      );
      assert.deepEqual(troubles(), []);
    });
  });
}

async function deploy(url: string, type: string, flows: unknown): Promise<number> {
  const headers = {
    "Content-Type": "application/json",
    "Node-RED-API-Version": "v2",
    "Node-RED-Deployment-Type": type,
  };
  const response = await fetch(`${url}/flows`, { method: "POST", headers, body: JSON.stringify({ flows }) });
  return response.status;
}
