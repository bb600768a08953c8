import { deepEqual, ok } from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const PAGES = ["README.md", "CONTRIBUTING.md", "sandbox/README.md", ...readdirSync("docs").filter(isPage).map(inDocs)];

function isPage(name: string): boolean {
  return name.endsWith(".md");
}

function inDocs(name: string): string {
  return join("docs", name);
}

/** The anchors that GitHub creates from the headings of a page. */
function anchorsOf(page: string): string[] {
  return [...readFileSync(page, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, "")
      .replaceAll(" ", "-"),
  );
}

describe("the pages of the documentation", () => {
  for (const page of PAGES) {
    it(`have no broken links in ${page}`, () => {
      const links = [...readFileSync(page, "utf8").matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
      const broken = links.filter((link) => {
        if (/^https?:/.test(link)) {
          return false;
        }
        const [path = "", anchor] = link.split("#");
        const target = path === "" ? page : normalize(join(dirname(page), path));
        return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
      });
      deepEqual(broken, []);
    });
  }

  it("are all linked from the README", () => {
    const readme = readFileSync("README.md", "utf8");
    const missing = PAGES.filter((page) => page.startsWith("docs/") && !readme.includes(`(${page})`));
    deepEqual(missing, []);
  });

  it("explain every runtime dependency", () => {
    const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as { dependencies: object };
    const architecture = readFileSync("docs/architecture.md", "utf8");
    const named = (name: string): boolean =>
      architecture.includes(name) || architecture.includes(name.replace("@aws-sdk/", ""));
    deepEqual(
      Object.keys(dependencies).filter((name) => !named(name)),
      [],
    );
  });

  it("start with a short README", () => {
    ok(readFileSync("README.md", "utf8").split("\n").length <= 110);
  });
});
