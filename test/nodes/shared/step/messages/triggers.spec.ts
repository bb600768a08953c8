import { deepEqual, doesNotThrow, equal } from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { Message, NodeAPI } from "../../../../../src/nodes/shared/node-red.ts";
import { triggerOf, watchTriggers } from "../../../../../src/nodes/shared/step/messages/triggers.ts";
import { runs } from "../../../../../src/runs/run-registry.ts";

describe("the hook for each message of all flows", () => {
  const step = { id: "a-step", type: "lightly-s3-upload", wires: [] };
  const inject = { id: "inject", type: "inject", name: "the button", wires: [["a-step"]] };
  const door = { leadsTo: () => false } as never;
  const red = {
    events: new EventEmitter(),
    hooks: { add: (_name: string, hook: (events: unknown[]) => void) => hooked.push(hook) },
    nodes: { getNode: (id: string) => (id === "a-step" ? step : undefined) },
    log: { debug: () => {} },
  } as unknown as NodeAPI;
  const hooked: ((events: unknown[]) => void)[] = [];
  const send = (...events: unknown[]): void => {
    for (const hook of hooked) {
      hook(events);
    }
  };

  before(() => {
    runs.nodes.register("a-step", door);
    watchTriggers(red);
  });
  after(() => runs.nodes.unregister("a-step", door));

  it("remembers the node that has created a message", () => {
    send({ msg: { _msgid: "m" }, source: { id: "inject", node: inject } });
    deepEqual(triggerOf(red, { _msgid: "m" } as Message), {
      kind: "node",
      nodeId: "inject",
      type: "inject",
      name: "the button",
    });
  });

  it("never throws, which would drop the message", () => {
    for (const _msgid of [undefined, null, true, 5, 10n, {}, ["m"], Symbol("m"), "x".repeat(1_000_000)]) {
      doesNotThrow(() => send({ msg: { _msgid }, source: { id: "inject", node: inject } }));
      equal(triggerOf(red, { _msgid } as unknown as Message), undefined);
    }
    const trap = Object.defineProperty({}, "_msgid", {
      get: () => {
        throw new Error("can't be read");
      },
    });
    for (const event of [null, undefined, 5, {}, { msg: null }, { msg: { _msgid: "n" } }, { msg: trap }]) {
      doesNotThrow(() => send(event));
    }
  });
});
