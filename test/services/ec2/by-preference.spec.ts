import { deepEqual } from "node:assert/strict";
import { byPreference } from "../../../src/services/ec2/by-preference.ts";
import type { InstanceState } from "../../../src/services/ec2/instance-state.ts";

describe("the preference among instances", () => {
  it("is for those that are ready first, then by id, without those that are gone", () => {
    const states: InstanceState[] = (
      [
        ["i-7", "stopping"],
        ["i-6", "terminated"],
        ["i-5", "running"],
        ["i-4", "stopped"],
        ["i-3", "pending"],
        ["i-2", "running"],
        ["i-1", "stopped"],
      ] as const
    ).map(([instanceId, state]) => ({ instanceId, state }));
    deepEqual(byPreference(states), ["i-2", "i-5", "i-3", "i-1", "i-4", "i-7"]);
  });
});
