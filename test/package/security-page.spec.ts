import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

describe("docs/security.md", () => {
  const page = readFileSync(join(ROOT, "docs", "security.md"), "utf8");

  it("names existing tests", () => {
    const named = [...page.matchAll(/`([\w/-]+\.spec\.ts)`/g)].map(([, path]) => path ?? "");
    assert.ok(named.length > 30);
    assert.deepEqual(
      named.filter((path) => !existsSync(join(ROOT, "test", path))),
      [],
    );
  });

  it("names permissions and variables of the package", () => {
    const sources = [
      ...["runs/read-routes.ts", "runs/write-routes.ts"],
      ...["lookups/lookup-routes.ts", "check/check-routes.ts"],
    ];
    const code = sources.map((path) => readFileSync(join(ROOT, "src", "plugins", path), "utf8")).join("");
    const permissions = [...page.matchAll(/^\| `(lightly-aws-[\w-]+\.(?:read|write))`/gm)].map(
      ([, name]) => name ?? "",
    );
    assert.equal(permissions.length, 5);
    for (const name of permissions) {
      assert.ok(code.includes(`"${name}"`), name);
    }
    const settings = readFileSync(join(ROOT, "src/services/http/guard/host-settings.ts"), "utf8");
    assert.ok(page.includes("LIGHTLY_AWS_ALLOWED_HOSTS") && settings.includes("LIGHTLY_AWS_ALLOWED_HOSTS"));
  });
});
