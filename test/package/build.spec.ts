import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type BuildReport, buildPackage } from "../../scripts/build-package.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const ROOT = resolve(".");

describe("the build", () => {
  const outDir = temporaryFolder();
  let first: BuildReport;

  before(async () => {
    await mkdir(join(outDir, "nodes", "gone"), { recursive: true });
    await writeFile(join(outDir, "nodes", "gone", "gone.js"), "// of a node that was deleted\n");
    first = await buildPackage({ root: ROOT, outDir });
  });

  it("creates every file that package.json names, and its html", async () => {
    const { "node-red": sets } = JSON.parse(await readFile("package.json", "utf8"));
    for (const path of Object.values<string>(sets.nodes)) {
      const built = join(outDir, path.replace(/^dist\//, ""));
      assert.ok(existsSync(built), built);
      assert.ok(existsSync(built.replace(/\.js$/, ".html")), `${built} has no html`);
    }
  });

  it("reports exactly the existing files", async () => {
    for (const file of first.files) {
      assert.ok((await stat(join(outDir, file))).size > 0, file);
    }
  });

  it("removes files without a source, and their folders", () => {
    assert.deepEqual(first.removed, [join("nodes", "gone", "gone.js")]);
    assert.ok(!existsSync(join(outDir, "nodes", "gone")));
  });

  it("contains neither TypeScript nor the parts of the editor's script", () => {
    assert.deepEqual(
      first.files.filter((file) => /\.ts$|\.editor\.|^editor[\\/]/.test(file)),
      [],
    );
  });

  it("combines form and script in one html", async () => {
    const html = await readFile(join(outDir, "nodes", "lightly-s3-upload", "lightly-s3-upload.html"), "utf8");
    assert.deepEqual(partsOf(html), ['script type="text/html"', 'script type="text/javascript"']);
    assert.equal(html.match(/<\/script>/g)?.length, 2);
  });

  it("puts what forms share into the html of the plugin, and not into that of a node", async () => {
    const plugin = await readFile(join(outDir, "plugins", "lightly-aws", "lightly-aws.html"), "utf8");
    assert.deepEqual(partsOf(plugin), ["style", 'script type="text/javascript"', 'script type="text/javascript"']);
    assert.ok(modulesIn(plugin).includes("src/editor/form-of.ts"));
    for (const file of first.files.filter((path) => /^nodes[\\/][^\\/]+[\\/][^\\/]+\.html$/.test(path))) {
      const modules = modulesIn(await readFile(join(outDir, file), "utf8"));
      const folder = `src/${dirname(file).replaceAll("\\", "/")}/`;
      assert.deepEqual(
        modules.filter((module) => !module.startsWith(folder)),
        [],
      );
      assert.ok(modules.length > 0, file);
    }
  });

  it("adds the texts that all forms share to each catalog", async () => {
    const path = join(outDir, "nodes", "lightly-ec2-stop", "locales", "en-US", "lightly-ec2-stop.json");
    const catalog = JSON.parse(await readFile(path, "utf8"));
    assert.equal(catalog["lightly-aws"].reason.missing, "is missing");
    assert.equal(catalog["lightly-ec2-stop"].label.account, "AWS account");
  });

  it("inserts the parts that forms and help texts share, and leaves no marker", async () => {
    const read = (file: string): Promise<string> => readFile(join(outDir, file), "utf8");
    const pages = await Promise.all(first.files.filter((file) => file.endsWith(".html")).map(read));
    assert.deepEqual(
      pages.filter((html) => html.includes("<!-- rows")),
      [],
    );
    const help = await read(join("nodes", "lightly-ec2-stop", "locales", "de", "lightly-ec2-stop.html"));
    assert.match(help, /\n {8}<dt>RUN_NOT_FOUND<\/dt>\n {8}<dd><code>msg\.abort<\/code> oder/);
  });

  it("is reproducible", async () => {
    const again = await buildPackage({ root: ROOT, outDir });
    assert.deepEqual(again.files, first.files);
    assert.deepEqual(again.removed, []);
  });
});

/** The elements of an html. */
function partsOf(html: string): string[] {
  return [...html.matchAll(/<(script type="text\/html"|style|script type="text\/javascript")/g)].map(
    ([, part = ""]) => part,
  );
}

/** The paths of the modules in the scripts of an html. */
function modulesIn(html: string): string[] {
  return [...html.matchAll(/^\s*\/\/ (src\/\S+\.ts)$/gm)].map(([, path = ""]) => path);
}
