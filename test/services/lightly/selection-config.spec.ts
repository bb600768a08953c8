import assert from "node:assert/strict";
import { runInNewContext } from "node:vm";
import type { PipelineError } from "../../../src/errors/pipeline-error.ts";
import { parseSelection, selectionConfig } from "../../../src/services/lightly/selection-config.ts";
import { DS } from "./stub-lightly.ts";

/** Every legal value of each key, limits included, and values just beyond them. */
const INPUTS: Record<string, { good: readonly unknown[]; bad: readonly unknown[] }> = {
  task: { good: ["", "my_task+=,.@:/-1"], bad: ["a b", 1, null] },
  score: { good: ["uncertainty_margin"], bad: ["", 0] },
  key: { good: ["lightly.sharpness"], bad: ["", 3] },
  name: { good: ["CLASS_DISTRIBUTION", "CATEGORY_COUNT"], bad: ["class_distribution", ""] },
  categories: { good: [["car"], ["car", "bus"]], bad: [[], ["car", "car"], "car", [1]] },
  datasetId: { good: [DS], bad: [DS.toUpperCase(), "abc"] },
  tagName: { good: ["my tag.1:;=@_-"], bad: ["ab", " tag", "a/b"] },
  randomSeed: { good: [0, -7, 42], bad: [1.5, "1"] },
};
const STRATEGIES: typeof INPUTS = {
  stopping_condition_minimum_distance: { good: [0, 0.2, -1], bad: ["0.2", null, Number.NaN] },
  threshold: { good: [0, -3.5], bad: ["1", Number.POSITIVE_INFINITY] },
  operation: { good: ["SMALLER", "SMALLER_EQUAL", "BIGGER", "BIGGER_EQUAL"], bad: ["GREATER", ">"] },
  target: { good: [{}, { car: 0.5, "traffic light": 0.5, n_samples: 1 }], bad: [{ car: "a" }, [1], 1] },
  distribution: { good: ["UNIFORM", "INPUT"], bad: ["uniform", "FLAT"] },
  numNearestNeighbors: { good: [2, 20], bad: [1, 2.5] },
  stoppingConditionMinimumTypicality: { good: [0.001, 1], bad: [0, -1] },
  strength: { good: [1, -1e9, 1e9], bad: [1.1e9, "1"] },
  stoppingConditionMaxSum: { good: [0, 100.5], bad: [-0.1] },
  targetRange: { good: [{}, { minSum: 0 }, { minSum: 1, maxSum: 2 }], bad: [{ minSum: -1 }, { min: 1 }, 3] },
};
const INPUT_TYPES = ["EMBEDDINGS", "SCORES", "METADATA", "PREDICTIONS", "RANDOM"];
const STRATEGY_TYPES = ["DIVERSITY", "WEIGHTS", "THRESHOLD", "BALANCE", "SIMILARITY", "TYPICALITY"];
const ROOT: typeof INPUTS = {
  nSamples: { good: [-1, 0, 100], bad: [-2, 1.5, "100"] },
  proportionSamples: { good: [0, 0.1, 1], bad: [1.01, -0.1, "10%"] },
  lightlyPathRegex: { good: [".*"], bad: ["", 1] },
  autoTasks: {
    good: [
      [],
      [{ type: "TILING", name: "tiles", numRows: 1, numCols: 2 }],
      [{ type: "TILING", name: "tiles", numRows: 1, numCols: 2, overlap: 0.1 }],
      [{ type: "CROP", name: "crop", bboxs: [[0, 0.25, 1, 0.5]] }],
    ],
    bad: [{}, [{ type: "ZOOM" }], [{ type: "TILING", numRows: 0, numCols: 1 }], [{ type: "CROP", bboxs: [[0, 0, 1]] }]],
  },
};

type Json = Record<string, unknown>;
const selection = (o: { input?: Json; strategy?: Json; root?: Json } = {}): Json => ({
  nSamples: 10,
  strategies: [{ input: { type: "RANDOM", ...o.input }, strategy: { type: "WEIGHTS", ...o.strategy } }],
  ...o.root,
});

/** The faults as the error carries them. */
function faultsOf(value: unknown): Array<{ path: string; problem: string }> {
  let faults: unknown;
  assert.throws(
    () => parseSelection(value),
    (error: PipelineError) => {
      assert.equal(error.code, "LIGHTLY_SELECTION_INVALID");
      faults = error.details.faults;
      return true;
    },
  );
  return faults as Array<{ path: string; problem: string }>;
}

describe("selectionConfig", () => {
  it("is EMBEDDINGS with DIVERSITY, and always names autoTasks", () => {
    assert.equal(
      JSON.stringify(selectionConfig({ proportionSamples: 0.1 })),
      '{"proportionSamples":0.1,"strategies":[{"input":{"type":"EMBEDDINGS"},"strategy":{"type":"DIVERSITY"}}],"autoTasks":[]}',
    );
    assert.equal(selectionConfig({ nSamples: 50 }).nSamples, 50);
  });

  it("refuses an impossible amount", () => {
    assert.throws(() => selectionConfig({ proportionSamples: 10 }), {
      code: "LIGHTLY_SELECTION_INVALID",
      message: /proportionSamples must be a number from 0 to 1, not 10/,
    });
  });
});

describe("parseSelection", () => {
  it("accepts every input with every strategy", () => {
    for (const input of INPUT_TYPES) {
      for (const strategy of STRATEGY_TYPES) {
        const parsed = parseSelection(selection({ input: { type: input }, strategy: { type: strategy } }));
        assert.equal(parsed.strategies[0]?.input.type, input);
        assert.equal(parsed.strategies[0]?.strategy.type, strategy);
      }
    }
  });

  const places: Array<[string, typeof INPUTS, (change: Json) => Json]> = [
    ["strategies[0].input", INPUTS, (input) => selection({ input })],
    ["strategies[0].strategy", STRATEGIES, (strategy) => selection({ strategy })],
    ["", ROOT, (root) => selection({ root })],
  ];
  for (const [place, keys, build] of places) {
    const at = (key: string): string => (place === "" ? key : `${place}.${key}`);
    for (const [key, { good, bad }] of Object.entries(keys)) {
      it(`accepts each legal ${at(key)} and gives it back as it is`, () => {
        for (const value of good) {
          const given = build({ [key]: value });
          assert.deepEqual(parseSelection(given), { autoTasks: [], ...given });
        }
      });

      it(`refuses each illegal ${at(key)} at its path`, () => {
        for (const value of bad) {
          const [fault, ...others] = faultsOf(build({ [key]: value }));
          assert.ok(fault?.path.startsWith(at(key)), `${JSON.stringify(value)}: ${fault?.path}`);
          assert.deepEqual(others, []);
        }
      });

      const snake = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      if (snake !== key) {
        it(`asks whether ${key} was meant where ${snake} stands`, () => {
          const [fault] = faultsOf(build({ [snake]: good[0] }));
          assert.equal(fault?.path, at(snake));
          assert.match(fault?.problem ?? "", new RegExp(`did you mean ${key}\\?`));
        });
      }
    }

    it(`refuses an unknown key under "${place}" and names the allowed ones`, () => {
      const [fault] = faultsOf(build({ whatIsThis: 1 }));
      assert.equal(fault?.path, at("whatIsThis"));
      for (const key of Object.keys(keys)) {
        assert.ok(fault?.problem.includes(key));
      }
    });
  }

  it("keeps the one snake-case key, and asks whether it was meant where camel case stands", () => {
    const [fault] = faultsOf(selection({ strategy: { type: "DIVERSITY", stoppingConditionMinimumDistance: 0.2 } }));
    assert.equal(fault?.path, "strategies[0].strategy.stoppingConditionMinimumDistance");
    assert.match(fault?.problem ?? "", /did you mean stopping_condition_minimum_distance\?/);
  });

  it("asks whether DIVERSITY was meant where a type is written in small letters or with a typing error", () => {
    for (const type of ["diversity", "DIVERSTY"]) {
      const [fault] = faultsOf(selection({ strategy: { type } }));
      assert.equal(fault?.path, "strategies[0].strategy.type");
      assert.match(fault?.problem ?? "", /did you mean DIVERSITY\?/);
    }
  });

  it("leaves the names in target as they are, whatever they look like", () => {
    const text = `{"strategies":[{"input":{"type":"PREDICTIONS"},"strategy":{"type":"BALANCE","distribution":"TARGET",
      "target":{"Traffic_Light":0.5,"constructor":0.25,"__proto__":0.25}}}]}`;
    assert.equal(
      JSON.stringify(parseSelection(text).strategies[0]?.strategy.target),
      '{"Traffic_Light":0.5,"constructor":0.25,"__proto__":0.25}',
    );
  });

  it("wants a target for the distribution TARGET", () => {
    assert.deepEqual(faultsOf(selection({ strategy: { type: "BALANCE", distribution: "TARGET" } })), [
      { path: "strategies[0].strategy.target", problem: "is missing: the distribution TARGET needs it" },
    ]);
  });

  for (const [what, value, path] of [
    ["strategies", { nSamples: 1 }, "strategies"],
    ["a strategy in strategies", { strategies: [] }, "strategies"],
    ["input", { strategies: [{ strategy: { type: "DIVERSITY" } }] }, "strategies[0].input"],
    ["strategy", { strategies: [{ input: { type: "RANDOM" } }] }, "strategies[0].strategy"],
    ["input.type", { strategies: [{ input: {}, strategy: { type: "DIVERSITY" } }] }, "strategies[0].input.type"],
    [
      "the second strategy's type",
      { strategies: [...(selection().strategies as []), { input: { type: "RANDOM" }, strategy: {} }] },
      "strategies[1].strategy.type",
    ],
  ] as const) {
    it(`misses ${what}`, () => {
      assert.deepEqual(
        faultsOf(value).map((fault) => fault.path),
        [path],
      );
    });
  }

  it("reports up to five faults at once and counts the others", () => {
    const wrong = { nSamples: "a", proportionSamples: 2, lightlyPathRegex: "", x: 1, y: 2, z: 3, strategies: [] };
    assert.throws(
      () => parseSelection(wrong),
      (error: PipelineError) => {
        assert.equal((error.details.faults as unknown[]).length, 5);
        assert.equal(error.details.faultCount, 7);
        assert.match(error.message, /; and 2 more\./);
        return true;
      },
    );
  });

  it("takes JSON text, and says where text is not JSON", () => {
    assert.deepEqual(parseSelection(JSON.stringify(selection())), { ...selection(), autoTasks: [] });
    assert.throws(() => parseSelection("{nSamples: 1}"), {
      code: "LIGHTLY_SELECTION_INVALID",
      message: /is not JSON: .*position/,
    });
  });

  for (const value of [undefined, null, 7, true, [], "[]", "null", new Map(), new Date(0)]) {
    it(`refuses ${String(value) || '""'} (${typeof value}) as a whole`, () => {
      assert.equal(faultsOf(value)[0]?.path, "");
    });
  }

  it("takes objects of another realm, as a function node makes them", () => {
    const foreign: unknown = runInNewContext(`(${JSON.stringify(selection())})`);
    assert.deepEqual(parseSelection(foreign), { ...selection(), autoTasks: [] });
  });

  it("counts a key that is undefined as absent", () => {
    assert.equal("nSamples" in parseSelection({ ...selection(), nSamples: undefined }), false);
  });

  it("gives a copy: what the message does later does not change it", () => {
    const given = selection();
    const parsed = parseSelection(given);
    (given.strategies as unknown[]).length = 0;
    assert.equal(parsed.strategies.length, 1);
  });

  it("quotes long keys and values shortened and safely", () => {
    const [fault] = faultsOf({ ...selection(), "a b\n": 1 });
    assert.equal(fault?.path, '["a b\\n"]');
    const [other] = faultsOf({ ...selection(), nSamples: "x".repeat(5000) });
    assert.ok((other?.problem.length ?? 0) < 120);
  });
});
