import { deepEqual } from "node:assert/strict";
import { speedOver } from "../../../src/nodes/shared/step/transfer-status.ts";

describe("the speed of a transfer", () => {
  it("is unknown at first, and follows the last seconds", () => {
    const speed = speedOver(5000);
    const at = [0, 400, 1000, 6000, 11_000].map((now, index) => speed([0, 400, 1000, 6000, 106_000][index] ?? 0, now));
    deepEqual(at, [undefined, undefined, 1000, 1000, 20_000]);
  });
});
