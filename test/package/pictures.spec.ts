import { deepEqual, ok } from "node:assert/strict";
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { PICTURES } from "../../scripts/screenshots/names.ts";

/** The pictures `![alt](path)` of the package on a page, by their path from the package's root. */
async function picturesOf(page: string): Promise<Array<{ alt: string; path: string }>> {
  const text = await readFile(page, "utf8");
  return [...text.matchAll(/!\[([^\]]*)\]\(([^)]+)\)/g)]
    .filter(([, , path = ""]) => !path.startsWith("https://"))
    .map(([, alt = "", path = ""]) => ({ alt, path: normalize(join(dirname(page), path)) }));
}

describe("the pictures of README and docs", () => {
  it("exist, each with an alternative text, and all are used", async () => {
    const shown = [...(await picturesOf("README.md")), ...(await picturesOf("docs/tour.md"))];
    const kept = (await readdir("docs/images")).map((name) => join("docs", "images", name));
    deepEqual([...new Set(shown.map(({ path }) => path))].sort(), kept.sort());
    ok(shown.every(({ alt }) => alt.length > 10));
  });

  it("are those of npm run screenshots, and all of them are in the tour", async () => {
    const taken = PICTURES.map((name) => join("docs", "images", `${name}.png`)).sort();
    deepEqual((await readdir("docs/images")).map((name) => join("docs", "images", name)).sort(), taken);
    deepEqual((await picturesOf("docs/tour.md")).map(({ path }) => path).sort(), taken);
  });

  it("are small, together below 2 MB", async () => {
    const sizes = await Promise.all(PICTURES.map(async (name) => (await stat(`docs/images/${name}.png`)).size));
    ok(sizes.reduce((sum, size) => sum + size, 0) < 2_000_000);
  });
});
