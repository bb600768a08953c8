import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { once } from "node:events";
import WebSocket from "ws";
import type { NodeRedProcess } from "../../scripts/local/node-red-process.ts";
import type { RunSummary } from "../../src/runs/records/run-summary.ts";
import { until } from "../nodes/support/until.ts";
import { startNodeRedWithUsers } from "./support/node-red-with-users.ts";

const READ = "lightly-aws-runs.read";
const WRITE = "lightly-aws-runs.write";
const JSON_TYPE = { "content-type": "application/json" };

/** A flow whose step fails immediately, because it has no account. */
const FLOW = [
  { id: "tab", type: "tab", label: "t" },
  {
    id: "in",
    type: "http in",
    z: "tab",
    url: "/go",
    method: "post",
    wires: [["id"]],
  },
  {
    id: "id",
    type: "change",
    z: "tab",
    rules: [{ t: "set", p: "runId", to: "secret-customer", tot: "str" }],
    wires: [["step", "out"]],
  },
  { id: "out", type: "http response", z: "tab", statusCode: "200", wires: [] },
  { id: "step", type: "lightly-pexels-download", z: "tab", name: "a step", account: "", wires: [[]] },
];

describe("the admin API of the runs, in a Node-RED with users", function () {
  this.timeout(60_000);
  let nodeRed: NodeRedProcess;

  before(async () => {
    nodeRed = await startNodeRedWithUsers(FLOW);
  });
  after(async () => {
    await nodeRed?.close();
  });

  const ask = (path: string, permission: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${nodeRed.url}/lightly-aws/${path}`, {
      ...init,
      headers: { authorization: `Bearer ${permission}`, ...(init.headers as Record<string, string>) },
    });
  const post = async (what: string, headers: Record<string, string>, permission = WRITE): Promise<number> =>
    (await ask(`runs/unknown/${what}`, permission, { method: "POST", body: "{}", headers })).status;

  it("notifies a user without permission to read runs only that something has changed", async () => {
    const socket = new WebSocket(`${nodeRed.url.replace("http", "ws")}/comms`);
    await once(socket, "open");
    const heard: string[] = [];
    socket.on("message", (data) => heard.push(String(data)));
    socket.send(JSON.stringify({ auth: "status.read" }));
    await until(() => heard.some((text) => text.includes("ok")), 10_000);
    socket.send(JSON.stringify({ subscribe: "lightly-aws/runs" }));
    equal((await fetch(`${nodeRed.url}/go`, { method: "POST" })).status, 200);
    // Node-RED sends several topics in one message.
    const notified = (): Array<{ topic: string; data: object }> =>
      heard.flatMap((text) => [JSON.parse(text)].flat()).filter(({ topic }) => topic === "lightly-aws/runs");
    await until(() => notified().length > 0, 10_000);
    for (const { data } of notified()) {
      deepEqual(Object.keys(data), ["cursor"]);
    }
    doesNotMatch(JSON.stringify(notified()), /secret-customer|a step/);
    socket.close();
    equal((await ask("changes", "status.read")).status, 401);
    const changes = (await (await ask("changes?since=", READ)).json()) as { changed: RunSummary[] };
    ok(changes.changed.some(({ runId }) => runId === "secret-customer"));
  });

  for (const what of ["abort", "retry", "rerun"]) {
    it(`accepts ${what} only as JSON: a page of another site can send a form or plain text`, async () => {
      equal(await post(what, JSON_TYPE), 404);
      equal(await post(what, { "content-type": "Application/JSON; charset=utf-8" }), 404);
      for (const type of [
        "text/plain",
        "text/plain;application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
      ]) {
        equal(await post(what, { "content-type": type }), 415, type);
      }
      const bare = await ask(`runs/unknown/${what}`, WRITE, { method: "POST" });
      equal(bare.status, 415);
      match(((await bare.json()) as { message: string }).message, /Content-Type: application\/json/);
    });

    it(`refuses ${what} from a page of another site`, async () => {
      const own = new URL(nodeRed.url).origin;
      equal(await post(what, { ...JSON_TYPE, origin: own }), 404);
      equal(await post(what, { ...JSON_TYPE, origin: "https://editor.test", "x-forwarded-host": "editor.test" }), 404);
      for (const site of ["same-origin", "none"]) {
        equal(await post(what, { ...JSON_TYPE, "sec-fetch-site": site, origin: "https://behind.proxy" }), 404, site);
      }
      for (const headers of [
        { origin: "https://evil.test" },
        { origin: "null" },
        { origin: `${own}0` },
        { "sec-fetch-site": "cross-site", origin: own },
        { "sec-fetch-site": "same-site" },
      ]) {
        equal(await post(what, { ...JSON_TYPE, ...(headers as Record<string, string>) }), 403, JSON.stringify(headers));
      }
    });

    it(`accepts ${what} only with the write permission`, async () => {
      equal(await post(what, JSON_TYPE, READ), 401);
      equal(await post(what, JSON_TYPE, "flows.write"), 401);
    });
  }
});
