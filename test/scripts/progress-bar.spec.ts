import { deepEqual } from "node:assert/strict";
import { progressBar } from "../../scripts/local/progress-bar.ts";

describe("the progress of long work", () => {
  it("is a plain line for each tenth part, where there is no terminal", () => {
    const lines: string[] = [];
    const bar = progressBar((line) => lines.push(line), { isTTY: false, write: () => true });
    for (let part = 0; part <= 1; part += 0.01) {
      bar.show(part);
    }
    bar.show(1, "12 of 12 packages");
    bar.end();
    deepEqual(lines.length, 11);
    deepEqual(lines[0], "  [------------------------------] 0 %");
    deepEqual(lines.at(-1), "  [##############################] 12 of 12 packages");
  });

  it("stays on one line of a terminal, which ends with the work", () => {
    const written: string[] = [];
    const terminal = { isTTY: true, write: (text: string) => written.push(text) > 0 };
    const bar = progressBar(() => {}, terminal);
    bar.show(0.5);
    bar.show(0.501);
    bar.show(1);
    bar.end();
    deepEqual(written, [
      "\r  [###############---------------] 50 %",
      "\r  [##############################] 100 %",
      "\n",
    ]);
  });
});
