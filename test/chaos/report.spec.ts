import { deepEqual, match } from "node:assert/strict";
import { readOptions } from "./options.ts";
import { complaints, roundLine, summary } from "./report.ts";
import type { RoundResult } from "./round.ts";

const round = (verdict: RoundResult["verdict"], more: Partial<RoundResult> = {}): RoundResult => ({
  ...{ kind: "kill", nr: 3, seed: 7, what: "PutObject #1 arrived", verdict, violations: [], tookMs: 2000 },
  ...more,
});
const times = (count: number, result: RoundResult): RoundResult[] => Array.from({ length: count }, () => result);

describe("The report of the rounds", () => {
  it("has one line with seed, moment, violations and files of a failed round", () => {
    const violations = ["the instance is running", "2 worker commands instead of 1"];
    match(
      roundLine(round("failed", { violations, keptIn: ".sandbox/chaos/7-kill-3" })),
      /^FAIL kill 3 \[PutObject #1 arrived\] 2\.0 s: the instance is running; 2 worker .* \(seed 7, kept in \.sandbox\/chaos\/7-kill-3\)$/,
    );
  });

  it("summarizes each kind with its slowest resume", () => {
    const results = [round("passed", { resumedMs: 1500 }), round("not started", { resumedMs: 900 }), round("failed")];
    match(summary(results, 6000), /kill +3 +1 +1 +1 +1\.5 s +2\.0 s\n3 rounds in 6\.0 s$/);
  });

  it("succeeds only if no round failed and few were not started", () => {
    deepEqual(complaints(times(20, round("passed"))), []);
    deepEqual(complaints([...times(18, round("passed")), ...times(2, round("not started"))]), []);
    match(
      complaints([...times(17, round("passed")), ...times(3, round("not started"))]).join(),
      /3 rounds .* where 2 may/,
    );
    match(complaints([...times(19, round("passed")), round("failed")]).join(), /1 of 20 rounds failed/);
    match(complaints([]).join(), /No round was played/);
  });
});

describe("The options of the rounds", () => {
  it("have a default seed, and accept kinds one by one or in a list", () => {
    const { seed, only } = readOptions(["--only", "kill,many", "--only", "never"], ["kill", "many", "never"]);
    deepEqual([seed, only], [1, ["kill", "many", "never"]]);
  });

  it("report unknown options", () => {
    const refusal = (...args: string[]): string => {
      try {
        readOptions(args, ["kill"]);
        return "";
      } catch (error) {
        return String(error);
      }
    };
    match(refusal("--only", "nonsense"), /no kind nonsense: the kinds are kill/);
    match(refusal("--kills", "some"), /--kills takes a whole number/);
    match(refusal("--seed", "1.5"), /--seed takes a whole number/);
    match(refusal("--what"), /--what/);
  });
});
