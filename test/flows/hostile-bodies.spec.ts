import { deepEqual, equal } from "node:assert/strict";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { commandRun } from "../../scripts/local/run-command.ts";
import type { RunRecord } from "../../src/records/run-record.ts";
import { until } from "../nodes/support/until.ts";
import { CLEAN, useOwnFlow } from "./support/own-flow.ts";

const LARGE = "x".repeat(70_000);

/** Bodies whose names lead to the prototype of all objects, if they are followed. */
const BODIES: readonly string[] = [
  `{"__proto__.polluted":"${LARGE}","__proto__":{"polluted":"yes"}}`,
  `{"constructor.prototype.polluted":"${LARGE}","constructor":{"prototype":{"polluted":"yes","token":"t0p"}}}`,
  `{"__proto__.toString":"${LARGE}","__proto__.hasOwnProperty":"${LARGE}","__proto__":{"token":"t0p"}}`,
  `{"a":{"__proto__":{"__proto__":{"password":"t0p"}},"__proto__.password":"${LARGE}"}}`,
  `[{"__proto__":{"polluted":"yes"}},{"length.__proto__.push":"${LARGE}","prototype":{"secret":["t0p"]}}]`,
];

describe("a body that anyone can post to a flow", () => {
  let server: Server;
  let isRefusing = false;
  const waiting: ServerResponse[] = [];
  const refuse = (response: ServerResponse): void => {
    response.writeHead(401, { "content-type": "application/json" }).end('{"code":"UNAUTHORIZED"}');
  };

  // A Lightly server that first makes all steps wait, and then refuses them.
  before((done) => {
    server = createServer((_request, response) => (isRefusing ? refuse(response) : waiting.push(response)));
    server.listen(0, "127.0.0.1", done);
  });
  const flow = useOwnFlow({
    nodes: () => [
      { id: "tab", type: "tab", label: "bodies" },
      {
        id: "lightly",
        type: "lightly-account",
        apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      },
      { id: "in", z: "tab", type: "http in", url: "/body", method: "post", wires: [["select"]] },
      {
        ...{ id: "select", z: "tab", type: "lightly-run", name: "select", account: "lightly" },
        ...{ datasetName: "some dataset", datasetNameType: "str", access: "existing", wires: [["out"], ["out"], []] },
      },
      { id: "caught", z: "tab", type: "catch", wires: [["out"]] },
      { id: "out", z: "tab", type: "http response", statusCode: "502", wires: [] },
    ],
    credentials: { lightly: { token: "some-token" } },
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const runs = async (): Promise<RunRecord[]> => {
    const response = await fetch(`${flow.url}/lightly-aws/runs`);
    return (await response.json()) as RunRecord[];
  };
  const untilAll = (condition: (run: RunRecord) => boolean, count = BODIES.length): Promise<void> =>
    until(async () => {
      const all = await runs().catch(() => []);
      return all.length === count && all.every(condition);
    });

  it("changes no prototype of the process when its run is received, resumed after a kill, retried and rerun", async () => {
    const abort = new AbortController();
    for (const body of BODIES) {
      // Not awaited: the response is sent when the run has ended.
      void flow.post("/body", body, abort.signal).catch(() => undefined);
    }
    await untilAll(({ state }) => state === "running");
    await until(() => waiting.length >= BODIES.length);
    deepEqual(await flow.pollution(), CLEAN);
    await flow.kill();
    abort.abort();

    await flow.start();
    await untilAll(({ steps }) => steps.some(({ resumeCount }) => resumeCount === 1));
    deepEqual(await flow.pollution(), CLEAN, "after the restart, without the live message");

    isRefusing = true;
    waiting.splice(0).forEach(refuse);
    await untilAll(({ state }) => state === "failed");
    for (const { runId } of await runs()) {
      const retried = await commandRun(flow.url, runId, "retry");
      equal(retried.status, 200, await retried.text());
    }
    await untilAll(({ state, steps }) => state === "failed" && steps.length === 2);
    deepEqual(await flow.pollution(), CLEAN, "after a retry, with the message as the step had received it");

    for (const { runId } of await runs()) {
      const again = await commandRun(flow.url, runId, "rerun");
      equal(again.status, 200, await again.text());
    }
    await untilAll(({ state }) => state === "failed", 2 * BODIES.length);
    deepEqual(await flow.pollution(), CLEAN, "after all were run again");
    await until(
      async () => (await flow.journal()).filter((name) => name.endsWith(".json")).length === 2 * BODIES.length,
    );
    await flow.kill();
    await flow.start();
    deepEqual(await flow.pollution(), CLEAN);
    equal((await runs()).length, 2 * BODIES.length);
    const setAside = (await flow.journal()).filter((name) => name.endsWith(".damaged"));
    deepEqual(setAside, [], "all files were whole");
  });
});
