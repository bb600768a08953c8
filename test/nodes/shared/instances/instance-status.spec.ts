import { deepEqual } from "node:assert/strict";
import { EventEmitter } from "node:events";
import { InstanceStatus } from "../../../../src/nodes/shared/instances/instance-status.ts";
import type { Node } from "../../../../src/nodes/shared/node-red.ts";
import { RunRegistry } from "../../../../src/runs/run-registry.ts";

describe("what the status of a node says about instances", () => {
  let power: RunRegistry["instances"]["power"];
  let node: EventEmitter;
  let shown: InstanceStatus;
  let untrue: string[];
  beforeEach(() => {
    const { instances } = new RunRegistry();
    power = instances.power;
    node = new EventEmitter();
    shown = new InstanceStatus(node as unknown as Node, instances);
    untrue = [];
  });
  const says = (instanceIds: string[], isOn: boolean, what: string): void =>
    shown.watch({ instanceIds, isOn, onUntrue: () => untrue.push(what) });

  it("is replaced once, as soon as one of the instances is in another state", () => {
    power.set("i-1", true);
    power.set("i-2", true);
    says(["i-1", "i-2"], true, "online");
    power.set("i-3", false);
    deepEqual(untrue, []);
    power.set("i-2", false);
    power.set("i-1", false);
    deepEqual(untrue, ["online"]);
  });

  it("is replaced at once if it is not true any more when it is shown", () => {
    power.set("i-1", true);
    says(["i-1"], false, "stopped");
    deepEqual(untrue, ["stopped"]);
  });

  it("stays if nothing is known about the instances", () => {
    says(["i-1"], true, "online");
    says(["i-1"], false, "stopped");
    deepEqual(untrue, []);
  });

  it("does not change once the node shows something else, or is closed", () => {
    power.set("i-1", true);
    says(["i-1"], true, "online");
    shown.forget();
    power.set("i-1", false);
    says(["i-1"], false, "stopped");
    node.emit("close");
    power.set("i-1", true);
    deepEqual(untrue, []);
  });
});
