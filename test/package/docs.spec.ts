import { deepEqual, ok } from "node:assert/strict";
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { referencePages } from "../../scripts/docs/reference-pages.ts";

/** Codes that reach no catch node: they are in the Runs panel, the admin API and run records, with what to do in their messages. */
const WITHOUT_CATCH: readonly string[] = [
  "RUN_WITHOUT_SELECTION",
  "RUN_NOT_DELETABLE",
  "REQUEST_CROSS_ORIGIN",
  "INTERNAL",
  // A stop without hibernation follows it.
  "EC2_HIBERNATION_UNSUPPORTED",
  "LIGHTLY_RUN_FAILED",
  "LIGHTLY_RUN_CRASHED",
  "LIGHTLY_RUN_ABORTED",
  "LIGHTLY_RUN_CANCELED",
];

const PAGES = [
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md", "sandbox/README.md"],
  ...readdirSync("docs", { recursive: true, encoding: "utf8" }).filter(isPage).map(inDocs),
];

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
    const isOfNode = (page: string): boolean => page.startsWith("docs/nodes/") && page !== "docs/nodes/README.md";
    const missing = PAGES.filter(
      (page) => page.startsWith("docs/") && !isOfNode(page) && !readme.includes(`(${page})`),
    );
    deepEqual(missing, []);
  });

  it("repeat the help texts as they are: npm run docs", () => {
    const generated = referencePages(".");
    deepEqual(
      [...generated]
        .filter(([path, content]) => !existsSync(path) || readFileSync(path, "utf8") !== content)
        .map(([path]) => path),
      [],
    );
    deepEqual(
      PAGES.filter((page) => page.startsWith("docs/nodes/") && !generated.has(page)),
      [],
    );
  });

  it("say what to do for every error code that reaches a catch node", () => {
    const page = readFileSync("docs/troubleshooting.md", "utf8");
    const silent = page
      .split("\n### ")
      .slice(1)
      .filter((section) => !section.includes("\n- "))
      .map((section) => section.split("\n")[0]);
    deepEqual(silent, WITHOUT_CATCH);
  });

  it("have badges in the README that say what package.json says", () => {
    const { license, engines, "node-red": nodeRed } = JSON.parse(readFileSync("package.json", "utf8"));
    const badges = [...readFileSync("README.md", "utf8").matchAll(/img\.shields\.io\/badge\/([^)]+)\)/g)];
    deepEqual(
      badges.map(([, badge = ""]) => decodeURIComponent(badge).replaceAll("--", "~").split("-").slice(0, 2).join(" ")),
      [
        `license ${license.replace("-", "~")}`,
        `Node~RED ${nodeRed.version.replace(/^>=(\d+\.\d+)\.0$/, "$1")} | 5`,
        `Node.js ${engines.node.replace(">=", "≥ ")}`,
      ],
    );
  });

  it("name in the README each node of the palette", () => {
    const labels = globSync("src/nodes/*/*.editor.ts")
      .map((path) => readFileSync(path, "utf8"))
      .filter((code) => !code.includes('category: "config"'))
      .map((code) => /paletteLabel: "([^"]+)"/.exec(code)?.[1] ?? code);
    const rows = [...readFileSync("README.md", "utf8").matchAll(/^\| \*\*([^*]+)\*\* \|/gm)].map(([, label]) => label);
    deepEqual(rows.toSorted(), labels.toSorted());
  });

  it("start with a short README", () => {
    ok(readFileSync("README.md", "utf8").split("\n").length <= 110);
  });
});
