import { deepEqual, equal, ok } from "node:assert/strict";
import { restoreMessage } from "../../src/messages/restore-message.ts";
import { copyMessage } from "../../src/messages/safe-copy.ts";

describe("a message that is restored", () => {
  it("is the received one, even if the handler has changed the live one", () => {
    const live: Record<string, unknown> = { payload: { clip: 7 }, topic: "a" };
    const copy = copyMessage(live);
    live.payload = "changed";
    live.s3 = {};
    deepEqual(restoreMessage(copy, live), { payload: { clip: 7 }, topic: "a" });
  });

  it("gets its secrets and the parts that can't be copied from the live one", () => {
    const res = { send: () => {} };
    const large = Buffer.alloc(5000, 1);
    const live = { token: "hidden", nested: { list: [{ password: "too" }, large] }, req: {}, res, payload: 1 };
    const restored = restoreMessage(copyMessage(live), live) as typeof live;
    deepEqual(restored, live);
    equal(restored.res, res);
    equal(restored.nested.list[1], large);
  });

  it("never has a mask as a value: without the live one, a secret is absent", () => {
    const live = { token: "hidden", text: "curl --token abcdef", nested: { password: "too", kept: 1 }, payload: 1 };
    deepEqual(restoreMessage(copyMessage(live)), { nested: { kept: 1 }, payload: 1 });
  });

  it("gets nothing that the live one no longer has", () => {
    const live: Record<string, unknown> = { nested: { token: "hidden", kept: 1 } };
    const copy = copyMessage(live);
    live.nested = "gone";
    deepEqual(restoreMessage(copy, live), { nested: { kept: 1 } });
  });

  it("is a new copy each time", () => {
    const copy = copyMessage({ payload: { list: [1] } });
    const [one, other] = [restoreMessage(copy), restoreMessage(copy)] as Array<{ payload: { list: number[] } }>;
    one?.payload.list.push(2);
    deepEqual(other, { payload: { list: [1] } });
  });

  it("has values that are false or empty", () => {
    const message = { zero: 0, no: false, empty: "", nothing: null, list: [] };
    deepEqual(restoreMessage(copyMessage(message), {}), message);
  });

  it("is undefined if nothing could be copied", () => {
    ok(restoreMessage(copyMessage(undefined)) === null);
    ok(restoreMessage(copyMessage(() => {})) === null);
  });
});
