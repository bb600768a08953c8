import { deepEqual, ok } from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";

/** `![alt](path)` of a page, by the path from the package's root. */
async function picturesOf(page: string): Promise<Array<{ alt: string; path: string }>> {
  const text = await readFile(page, "utf8");
  return [...text.matchAll(/!\[([^\]]*)\]\(([^)]+)\)/g)].map(([, alt = "", path = ""]) => ({
    alt,
    path: normalize(join(dirname(page), path)),
  }));
}

describe("the pictures of README and docs", () => {
  it("are all there, each with a text for those who don't see it, and none is left over", async () => {
    const shown = [...(await picturesOf("README.md")), ...(await picturesOf("docs/tour.md"))];
    const kept = (await readdir("docs/images")).map((name) => join("docs", "images", name));
    deepEqual([...new Set(shown.map(({ path }) => path))].sort(), kept.sort());
    ok(shown.every(({ alt }) => alt.length > 10));
  });
});
