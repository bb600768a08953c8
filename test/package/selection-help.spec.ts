import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { explainConfig } from "../../src/editor/selection/explain.ts";
import { listViewOf } from "../../src/editor/selection/views.ts";
import { parseSelection } from "../../src/services/lightly/selection/selection-config.ts";
import { STRATEGY_TYPES } from "../services/lightly/selection/legal-configs.ts";

describe("the documentation of selections", () => {
  it("has an example of each strategy, which Lightly accepts and the list shows", () => {
    const examples = [...readFileSync("docs/selection.md", "utf8").matchAll(/`({"input".+?})` \|$/gm)].map(
      ([, text = ""]) => JSON.parse(text) as { strategy: { type: string } },
    );
    assert.deepEqual(new Set(examples.map(({ strategy }) => strategy.type)), new Set(STRATEGY_TYPES));
    for (const example of examples) {
      const config = { nSamples: 1, strategies: [example] };
      parseSelection(config);
      assert.deepEqual(explainConfig(config), []);
      assert.ok("view" in listViewOf(config));
    }
  });
});
