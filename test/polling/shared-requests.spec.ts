import assert from "node:assert/strict";
import { SharedRequests } from "../../src/polling/shared-requests.ts";

describe("SharedRequests", () => {
  const signal = new AbortController().signal;
  let asked: string[][];

  beforeEach(() => {
    asked = [];
  });

  const requests = (limit = 10) =>
    new SharedRequests<string>({
      limit,
      isOneKeysFault: () => false,
      request: async (keys) => {
        asked.push([...keys]);
        return new Map(keys.filter((key) => key !== "unknown").map((key) => [key, key.toUpperCase()]));
      },
    });

  it("requests each key once, and omits unknown keys", async () => {
    const shared = requests();
    const answers = await Promise.all([shared.get(["a", "unknown"], signal), shared.get(["b", "a"], signal)]);
    assert.deepEqual(asked, [["a", "unknown", "b"]]);
    assert.deepEqual(
      answers.map((answer) => [...answer]),
      [
        [["a", "A"]],
        [
          ["a", "A"],
          ["b", "B"],
        ],
      ],
    );
  });

  it("fills requests up to the limit without dividing a call", async () => {
    const shared = requests(3);
    await Promise.all([["a", "b"], ["c", "d"], ["b", "e"], ["f"]].map((keys) => shared.get(keys, signal)));
    assert.deepEqual(asked, [
      ["a", "b", "e"],
      ["c", "d", "f"],
    ]);
  });

  it("requests keys of later calls again", async () => {
    const shared = requests();
    await shared.get(["a"], signal);
    await shared.get(["a"], signal);
    assert.deepEqual(asked, [["a"], ["a"]]);
  });

  it("does not request keys of calls that were aborted before the request", async () => {
    const shared = requests();
    const abort = new AbortController();
    const left = shared.get(["a"], abort.signal);
    const stayed = shared.get(["b"], signal);
    abort.abort("over");
    await assert.rejects(left, { code: "ABORTED", message: "Stopped: over" });
    await stayed;
    await assert.rejects(shared.get(["c"], abort.signal), { code: "ABORTED" });
    assert.deepEqual(asked, [["b"]]);
  });

  it("removes its listeners on signals", async () => {
    const { signal: watched } = new AbortController();
    let listeners = 0;
    const add = watched.addEventListener.bind(watched);
    const remove = watched.removeEventListener.bind(watched);
    watched.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    watched.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    const shared = requests();
    await Promise.all([shared.get(["a"], watched), shared.get(["b"], watched)]);
    assert.equal(listeners, 0);
  });
});
