import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { similarity, toRows, typicality } from "lightly-aws-sandbox/selection";
import type { Judge, Setup } from "../judge.ts";
import { judgeEnvironment } from "../judge-environment.ts";
import { runProcess } from "../run-process.ts";
import { classCases, type SelectionCase, selectionCases, similarityCases, typicalityCases } from "./engine/cases.ts";
import { largestLoss, selectByStandIn } from "./engine/stand-in.ts";

const TOLERANCE = 1e-6;
/** BALANCE compares sums, whose last digit depends on the processor. So many cases may have candidates that differ by no more than that. */
const MAX_OTHERS = 2;

/** Lightly's own selection engine, the reference for the stand-in worker. */
export const engine: Judge = {
  name: "engine",
  title: "The stand-in's selection against Lightly's engine",
  requirements: "requirements-engine.txt",
  python: { least: 10, most: 13 },
  async run(setup) {
    const { tally } = setup;
    const cases = selectionCases(500, 1);
    const picks = await askEngine(setup, cases);
    for (const [group, own] of Map.groupBy(cases.entries(), ([, { group }]) => group)) {
      const isRounded = group === "BALANCE";
      const what = isRounded
        ? "the same picks in the same order, or one that is as good"
        : "the same picks in the same order";
      await tally.check(`${own.length} cases of ${group}: ${what}`, async () => {
        let others = 0;
        for (const [index, selection] of own) {
          const expected = picks[index] ?? [];
          const isSame = isDeepStrictEqual(selectByStandIn(selection), expected);
          others += isSame ? 0 : 1;
          const isAsGood = isRounded && largestLoss(selection, expected) < 2 * TOLERANCE;
          assert.ok(isSame || isAsGood, describe(index, selection));
        }
        assert.ok(others <= MAX_OTHERS, `${others} cases have other picks that are as good`);
      });
    }
    // Here the engine tells equal candidates apart by the last digit of a sum, which depends on the processor.
    const classes = classCases(100, 2);
    const classPicks = await askEngine(setup, classes);
    await tally.check(`${classes.length} cases of BALANCE of classes: each pick is one of the best`, async () => {
      for (const [index, selection] of classes.entries()) {
        assert.ok(largestLoss(selection, classPicks[index] ?? []) < 2 * TOLERANCE, describe(index, selection));
      }
    });
    const typical = typicalityCases(100, 3);
    const values = await askEngine(setup, typical);
    await tally.check(`${typical.length} cases of typicality: the same to ${TOLERANCE}`, async () => {
      for (const [index, { rows, neighbors }] of typical.entries()) {
        assertClose(typicality(toRows(rows), neighbors), values[index] ?? []);
      }
    });
    const similar = similarityCases(100, 4);
    const similarities = await askEngine(setup, similar);
    await tally.check(`${similar.length} cases of similarity: the same to ${TOLERANCE}`, async () => {
      for (const [index, { rows, query }] of similar.entries()) {
        assertClose(similarity(toRows(rows), toRows(query)), similarities[index] ?? []);
      }
    });
  },
};

async function askEngine(setup: Setup, cases: readonly unknown[]): Promise<number[][]> {
  const [questions, answers] = ["cases.json", "answers.json"].map((name) => path.join(setup.folder, name)) as [
    string,
    string,
  ];
  await writeFile(questions, JSON.stringify(cases));
  const { code, stderr } = await runProcess({
    command: setup.python,
    args: [path.join(import.meta.dirname, "engine/engine.py"), questions, answers],
    environment: judgeEnvironment(setup),
  });
  assert.equal(code, 0, stderr);
  return JSON.parse(await readFile(answers, "utf8")) as number[][];
}

function describe(index: number, { group, rows, preselected, limit }: SelectionCase): string {
  const size = `${rows.length} rows of ${rows[0]?.length} numbers, ${preselected.length} preselected, ${limit} wanted`;
  return `case ${index}, ${group}: ${size}`;
}

function assertClose(actual: Float64Array, expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  const worst = actual.reduce((most, value, at) => Math.max(most, Math.abs(value - (expected[at] ?? Number.NaN))), 0);
  assert.ok(worst < TOLERANCE, `off by ${worst}`);
}
