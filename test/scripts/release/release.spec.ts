import { deepEqual, equal, match } from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { npmPack } from "../../../scripts/npm-pack.ts";
import { type BillOfMaterials, billOfMaterials, withBundled } from "../../../scripts/release/bill-of-materials.ts";
import { deadLinks, externalLinks } from "../../../scripts/release/external-links.ts";
import { licenseReport, refusedLicenses } from "../../../scripts/release/license-report.ts";
import { type ReleaseSource, releaseFaults } from "../../../scripts/release/release-faults.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

describe("a release", () => {
  const READY: ReleaseSource = {
    changelog: "# Changelog\n\n## 1.2.0 - 2027-01-31\n\n- A change.\n\n## 1.1.0\n",
    versions: { nodes: "1.2.0", sandbox: "1.2.0" },
    uncommitted: [],
    tags: ["v1.1.0"],
  };
  const faults = (change: Partial<ReleaseSource>): string[] => releaseFaults({ ...READY, ...change });

  it("has one version, which is the first in the changelog and has no tag", () => {
    deepEqual(faults({}), []);
    deepEqual(faults({ versions: { nodes: "1.2.0-beta.1" }, changelog: "## 1.2.0-beta.1\n" }), []);
  });

  it("is refused with all reasons at once", () => {
    const all = faults({
      changelog: "# Changelog\n\n## Unreleased\n\n## 1.2.0\n",
      versions: { nodes: "1.2.0", sandbox: "1.1.0" },
      tags: ["v1.2.0"],
      uncommitted: ["src/a.ts"],
    });
    deepEqual(all, [
      "The packages have different versions: nodes 1.2.0, sandbox 1.1.0. Give them the same one.",
      'CHANGELOG.md begins with "Unreleased". Its first section must be the one of 1.2.0.',
      "v1.2.0 is released already. Increase the version.",
      "These files are not committed: src/a.ts",
    ]);
  });

  for (const version of ["1.2", "v1.2.0", "1.2.0 ", ""]) {
    it(`is refused with the version "${version}"`, () => {
      match(faults({ versions: { nodes: version }, changelog: `## ${version}\n` })[0] ?? "", /is not a version/);
    });
  }
});

describe("the bill of materials of a release", () => {
  it("is about the package, and the same each time", async () => {
    const folder = temporaryFolder();
    const source = join(folder, "tiny");
    await mkdir(source);
    const manifest = { name: "tiny", version: "1.0.0", license: "MIT", repository: "git@github.com:example/tiny.git" };
    await writeFile(join(source, "package.json"), JSON.stringify(manifest));
    const { archive } = await npmPack(source, folder);
    const [one, two] = [await billOfMaterials(archive, "tiny"), await billOfMaterials(archive, "tiny")];
    deepEqual(one, two);
    const { name, version, licenses, externalReferences = [] } = one.metadata.component;
    deepEqual([name, version, licenses], ["tiny", "1.0.0", [{ license: { id: "MIT" } }]]);
    deepEqual(one.components, []);
    deepEqual(
      externalReferences.filter(({ url }) => !url.includes("://")),
      [],
      "every reference is a URL",
    );
    equal(JSON.stringify(one).includes(folder), false, "no path of the machine");
  });

  const BILL: BillOfMaterials = {
    metadata: { component: { name: "nodes", version: "1.0.0" } },
    components: [
      { name: "b", version: "2.0.0", licenses: [{ license: { id: "MIT" } }] },
      { name: "a", version: "1.0.0", licenses: [{ expression: "(MIT OR GPL-3.0)" }] },
      { name: "c", version: "3.0.0" },
    ],
    dependencies: [],
  };

  it("has the packages whose code is in the package itself", () => {
    const bundled = { name: "@scope/d", version: "4.0.0", license: "WTFPL", homepage: "https://d.example/", texts: [] };
    const { components } = withBundled(BILL, [bundled]);
    deepEqual(
      components.map(({ name, version }) => `${name} ${version}`),
      ["b 2.0.0", "a 1.0.0", "c 3.0.0", "@scope/d 4.0.0"],
    );
    deepEqual(refusedLicenses({ ...BILL, components: components.slice(3) }, ["MIT"]), ["@scope/d 4.0.0: WTFPL"]);
  });

  it("names the packages whose license is not allowed", () => {
    deepEqual(refusedLicenses(BILL, ["MIT"]), ["a 1.0.0: (MIT OR GPL-3.0)", "c 3.0.0: no license"]);
    deepEqual(refusedLicenses(BILL, ["MIT", "(MIT OR GPL-3.0)"]), ["c 3.0.0: no license"]);
  });

  it("becomes a table of licenses", () => {
    match(
      licenseReport(BILL),
      /^# Licenses of what nodes 1\.0\.0 installs\n[\s\S]*\| a \| 1\.0\.0 \| .*\n\| b \| 2\.0\.0 \| MIT \|\n/,
    );
  });
});

describe("the links of a release to other sites", () => {
  it("are found in Markdown and HTML, each once and without loopback", () => {
    const texts = [
      "[a](https://one.example/a#part) [b](https://one.example/a) [c](docs/c.md) http://127.0.0.1:1880",
      '<a href="https://two.example/" target="_blank">d</a> [e](http://127.0.0.1:1880)',
    ];
    deepEqual(externalLinks(texts), ["https://one.example/a", "https://two.example/"]);
  });

  it("are dead if the page is gone or the site does not answer, and not if it refuses programs", async () => {
    const server = createServer(({ url }, response) => {
      response.statusCode = Number(url?.slice(1));
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const urls = ["200", "403", "404", "410", "429", "503"].map((status) => `${base}/${status}`);
      deepEqual(await deadLinks(urls), [`${base}/404: HTTP 404`, `${base}/410: HTTP 410`]);
    } finally {
      server.close();
    }
    equal((await deadLinks([`${base}/200`])).length, 1);
  });
});
