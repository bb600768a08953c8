import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { runInNewContext } from "node:vm";
import type { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import { parseSelection, selectionConfig } from "../../../../src/services/lightly/selection/selection-config.ts";
import {
  ILLEGAL_PAIRS,
  INPUT_KEYS,
  type Json,
  LEGAL_PAIRS,
  ROOT_KEYS,
  STRATEGY_KEYS,
  selection,
  type Values,
} from "./legal-configs.ts";

/** The faults of the error. */
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
  it("is EMBEDDINGS with DIVERSITY, and always contains autoTasks", () => {
    assert.equal(
      JSON.stringify(selectionConfig({ proportionSamples: 0.1 })),
      '{"proportionSamples":0.1,"strategies":[{"input":{"type":"EMBEDDINGS"},"strategy":{"type":"DIVERSITY"}}],"autoTasks":[]}',
    );
    assert.equal(selectionConfig({ nSamples: 50 }).nSamples, 50);
  });

  it("accepts strategies of the user", () => {
    const strategies = [{ input: { type: "RANDOM" }, strategy: { type: "WEIGHTS", strength: 2 } }];
    assert.deepEqual(selectionConfig({ nSamples: 5 }, strategies), { nSamples: 5, strategies, autoTasks: [] });
    assert.throws(() => selectionConfig({ nSamples: 5 }, []), { code: "LIGHTLY_SELECTION_INVALID" });
  });

  it("refuses an invalid amount", () => {
    assert.throws(() => selectionConfig({ proportionSamples: 10 }), {
      code: "LIGHTLY_SELECTION_INVALID",
      message: /proportionSamples must be a number from 0 to 1, not 10/,
    });
  });
});

describe("parseSelection", () => {
  it("accepts each input with the strategies that Lightly documents for it", () => {
    assert.equal(LEGAL_PAIRS.length, 13);
    for (const pair of LEGAL_PAIRS) {
      assert.deepEqual(parseSelection(selection(pair)).strategies, [pair]);
    }
  });

  for (const pair of ILLEGAL_PAIRS) {
    const { input, strategy } = pair;
    it(`refuses ${strategy.type} of ${[input.type, input.name].join(" ").trim()}, and names the supported ones`, () => {
      const [fault, ...others] = faultsOf(selection(pair));
      assert.equal(fault?.path, "strategies[0].strategy.type");
      for (const legal of LEGAL_PAIRS.filter((other) => isDeepStrictEqual(other.input, input))) {
        assert.ok(fault.problem.includes(String(legal.strategy.type)));
      }
      assert.deepEqual(others, []);
    });
  }

  it("refuses a value that satisfies its rules but can't be converted to JSON", () => {
    const [pair] = LEGAL_PAIRS;
    const value = Object.defineProperty(selection(pair ?? {}), "toJSON", { value: () => 10n });
    assert.throws(() => parseSelection(value), {
      code: "LIGHTLY_SELECTION_INVALID",
      message: /can't be converted to JSON/,
    });
  });

  it("accepts predictions without a name for both kinds of strategies", () => {
    for (const type of ["WEIGHTS", "THRESHOLD", "BALANCE"]) {
      parseSelection(selection({ input: { type: "PREDICTIONS" }, strategy: { type } }));
    }
    const [fault] = faultsOf(selection({ input: { type: "PREDICTIONS" }, strategy: { type: "DIVERSITY" } }));
    assert.equal(fault?.path, "strategies[0].strategy.type");
  });

  const places: Array<[string, Values, (change: Json) => Json]> = [
    ["strategies[0].input", INPUT_KEYS, (input) => selection({ input })],
    ["strategies[0].strategy", STRATEGY_KEYS, (strategy) => selection({ strategy })],
    ["", ROOT_KEYS, (root) => selection({ root })],
  ];
  for (const [place, keys, build] of places) {
    const at = (key: string): string => (place === "" ? key : `${place}.${key}`);
    for (const [key, { good, bad }] of Object.entries(keys)) {
      it(`accepts each valid ${at(key)} and returns it unchanged`, () => {
        for (const value of good) {
          const given = build({ [key]: value });
          assert.deepEqual(parseSelection(given), { autoTasks: [], ...given });
        }
      });

      it(`refuses each invalid ${at(key)} with its path`, () => {
        for (const value of bad) {
          const [fault, ...others] = faultsOf(build({ [key]: value }));
          assert.ok(fault?.path.startsWith(at(key)), `${JSON.stringify(value)}: ${fault?.path}`);
          assert.deepEqual(others, []);
        }
      });

      const snake = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      if (snake !== key) {
        it(`suggests ${key} for ${snake}`, () => {
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

  it("accepts the only snake-case key, and suggests it for camel case", () => {
    const [fault] = faultsOf(selection({ strategy: { type: "DIVERSITY", stoppingConditionMinimumDistance: 0.2 } }));
    assert.equal(fault?.path, "strategies[0].strategy.stoppingConditionMinimumDistance");
    assert.match(fault?.problem ?? "", /did you mean stopping_condition_minimum_distance\?/);
  });

  it("suggests DIVERSITY for a type in lower case or with a typo", () => {
    for (const type of ["diversity", "DIVERSTY"]) {
      const [fault] = faultsOf(selection({ strategy: { type } }));
      assert.equal(fault?.path, "strategies[0].strategy.type");
      assert.match(fault?.problem ?? "", /did you mean DIVERSITY\?/);
    }
  });

  it("accepts any names in target", () => {
    const text = `{"strategies":[{"input":{"type":"PREDICTIONS"},"strategy":{"type":"BALANCE","distribution":"TARGET",
      "target":{"Traffic_Light":0.5,"constructor":0.25,"__proto__":0.25}}}]}`;
    assert.equal(
      JSON.stringify(parseSelection(text).strategies[0]?.strategy.target),
      '{"Traffic_Light":0.5,"constructor":0.25,"__proto__":0.25}',
    );
  });

  it("requires a target for the distribution TARGET", () => {
    assert.deepEqual(
      faultsOf(selection({ input: { type: "METADATA" }, strategy: { type: "BALANCE", distribution: "TARGET" } })),
      [{ path: "strategies[0].strategy.target", problem: "is missing: the distribution TARGET requires it" }],
    );
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
    it(`reports missing ${what}`, () => {
      assert.deepEqual(
        faultsOf(value).map((fault) => fault.path),
        [path],
      );
    });
  }

  it("reports up to five faults, and counts the others", () => {
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

  it("accepts JSON text, and reports where text is not JSON", () => {
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

  it("accepts objects of another realm, such as those of a function node", () => {
    const foreign: unknown = runInNewContext(`(${JSON.stringify(selection())})`);
    assert.deepEqual(parseSelection(foreign), { ...selection(), autoTasks: [] });
  });

  it("treats an undefined key as absent", () => {
    assert.equal("nSamples" in parseSelection({ ...selection(), nSamples: undefined }), false);
  });

  it("returns a copy, which later changes of the message don't affect", () => {
    const given = selection();
    const parsed = parseSelection(given);
    (given.strategies as unknown[]).length = 0;
    assert.equal(parsed.strategies.length, 1);
  });

  it("quotes long keys and values truncated and escaped", () => {
    const [fault] = faultsOf({ ...selection(), "a b\n": 1 });
    assert.equal(fault?.path, '["a b\\n"]');
    const [other] = faultsOf({ ...selection(), nSamples: "x".repeat(5000) });
    assert.ok((other?.problem.length ?? 0) < 120);
  });
});
