import { deepEqual, equal, throws } from "node:assert/strict";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import { openFlow, upload } from "./fake-flow.ts";

describe("the message that a step has received", () => {
  let runs: RunRegistry;

  beforeEach(() => {
    runs = new RunRegistry({ later: () => {} });
    openFlow(runs);
  });

  it("is unchanged, even if the flow has changed it since", () => {
    const message = { _msgid: "r", payload: { videos: ["a.mp4"] } };
    runs.begin("r", upload, { message });
    message.payload.videos.push("b.mp4");
    deepEqual(runs.input("r", 1), { value: { _msgid: "r", payload: { videos: ["a.mp4"] } }, omitted: [] });
  });

  it("has no secrets, and names omitted parts", () => {
    runs.begin("r", upload, { message: { token: "t0p", req: {}, payload: Buffer.alloc(5000) } });
    const { value, omitted = [] } = runs.input("r", 1) ?? {};
    equal(JSON.stringify(value).includes("t0p"), false);
    deepEqual(omitted.map(({ path }) => path.join(".")).sort(), ["payload", "req", "token"]);
  });

  it("belongs to its step", () => {
    const message = { _msgid: "r", payload: 1 };
    runs.begin("r", upload, { message }).complete({});
    runs.begin("r", upload, { message: { payload: 2 } }).complete({});
    deepEqual(runs.input("r", 2)?.value, { payload: 2 });
  });

  it("is absent if it was not saved", () => {
    runs.begin("r", upload);
    equal(runs.input("r", 1), undefined);
  });

  it("can't be read for an unknown run or step", () => {
    runs.begin("r", upload);
    throws(() => runs.input("r", 2), { code: "RUN_NOT_FOUND", message: "The run r has no step 2." });
    throws(() => runs.input("r", Number("x")), { code: "RUN_NOT_FOUND" });
    throws(() => runs.input("another", 1), { code: "RUN_NOT_FOUND" });
  });
});
