import { deepEqual, equal } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeStudioFlow } from "../../scripts/local/studio-flow.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

describe("the flow of the demo with LightlyStudio", () => {
  it("is the example with another interpreter, another model and every frame", async () => {
    const file = join(temporaryFolder(), "demo", "studio.json");
    const written = await writeStudioFlow({ file, python: "/venv/bin/python", embedder: "grid" });
    const nodes = JSON.parse(readFileSync(file, "utf8"));
    const example = JSON.parse(readFileSync("examples/studio.json", "utf8"));
    const changes = { python: "/venv/bin/python", embedder: "grid", install: "no", frames: "all" };
    deepEqual(
      nodes,
      example.map((node: { type: string }) => (node.type === "lightly-studio-select" ? { ...node, ...changes } : node)),
    );
    equal(nodes.find(({ id }: { id: string }) => id === written.button).type, "inject");
  });
});
