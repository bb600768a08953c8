import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { once } from "node:events";
import WebSocket from "ws";
import type { NodeRedProcess } from "../../scripts/local/node-red-process.ts";
import type { RunRecord } from "../../src/records/run-record.ts";
import type { RunSummary } from "../../src/records/run-summary.ts";
import { until } from "../nodes/support/until.ts";
import { untilPassed } from "../support/until-passed.ts";
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
  ...subflow("inner", { id: "template", type: "lightly-pexels-download", name: "a step", account: "", wires: [[]] }),
  ...subflow("outer", { id: "nested", type: "subflow:inner", wires: [[]] }),
  { id: "in-outer", type: "http in", z: "tab", url: "/outer", method: "post", wires: [["outer-node", "out"]] },
  { id: "outer-node", type: "subflow:outer", z: "tab", x: 1, y: 1, wires: [] },
];

/** A subflow with one node. */
function subflow(id: string, node: { readonly id: string; readonly [property: string]: unknown }): object[] {
  return [
    { id, type: "subflow", name: id, in: [{ wires: [{ id: node.id }] }], out: [] },
    // Without a position, Node-RED takes it for a config node.
    { ...node, z: id, x: 1, y: 1 },
  ];
}

describe("the admin API of the runs, in a Node-RED with users", () => {
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
    await until(() => heard.some((text) => text.includes("ok")));
    socket.send(JSON.stringify({ subscribe: "lightly-aws/runs" }));
    equal((await fetch(`${nodeRed.url}/go`, { method: "POST" })).status, 200);
    // Node-RED sends several topics in one message.
    const notified = (): Array<{ topic: string; data: object }> =>
      heard.flatMap((text) => [JSON.parse(text)].flat()).filter(({ topic }) => topic === "lightly-aws/runs");
    await until(() => notified().length > 0);
    for (const { data } of notified()) {
      deepEqual(Object.keys(data), ["cursor"]);
    }
    doesNotMatch(JSON.stringify(notified()), /secret-customer|a step/);
    socket.close();
    equal((await ask("changes", "status.read")).status, 401);
    const changes = (await (await ask("changes?since=", READ)).json()) as { changed: RunSummary[] };
    ok(changes.changed.some(({ runId }) => runId === "secret-customer"));
  });

  it("says which actions are not possible for a run, and why", async () => {
    await untilPassed(async () => {
      const run = (await (await ask("runs/secret-customer", READ)).json()) as { blocked: object };
      deepEqual(run.blocked, { abort: "ended" });
    });
  });

  it("names the subflow node on the flow and the node of the template for a step inside of nested subflows, which can be retried", async () => {
    equal((await fetch(`${nodeRed.url}/outer`, { method: "POST" })).status, 200);
    let nested: RunSummary | undefined;
    await until(async () => {
      const all = (await (await ask("runs?summary", READ)).json()) as RunSummary[];
      nested = all.find((run) => run.runId !== "secret-customer");
      return nested !== undefined;
    });
    const { runId = "", firstStep } = nested ?? {};
    equal(firstStep?.subflowNodeId, "outer-node");
    equal(firstStep?.nodeId, "outer-node-nested-template");
    await until(
      async () => ((await (await ask(`runs/${runId}`, READ)).json()) as RunSummary).state === "failed",
      10_000,
    );
    const { blocked, steps } = (await (await ask(`runs/${runId}`, READ)).json()) as RunRecord & { blocked: object };
    equal(steps[0]?.templateNodeId, "template");
    deepEqual(blocked, { abort: "ended" });
    const retried = await ask(`runs/${runId}/retry`, WRITE, { method: "POST", headers: JSON_TYPE, body: "{}" });
    equal(retried.status, 200);
  });

  it("reruns with edited messages, and refuses those of steps that the trigger has not reached", async () => {
    const rerun = (inputs: unknown): Promise<Response> =>
      ask("runs/secret-customer/rerun", WRITE, {
        method: "POST",
        headers: JSON_TYPE,
        body: JSON.stringify({ inputs }),
      });
    for (const wrong of [7, { "1": "text" }, { "2": {} }, { constructor: {} }]) {
      const refused = await rerun(wrong);
      equal(refused.status, 400, JSON.stringify(wrong));
      equal(((await refused.json()) as { code: string }).code, "INPUT_INVALID");
    }
    const { runId } = (await (await rerun({ "1": { payload: { camera: 8 } } })).json()) as { runId: string };
    const { message } = (await (await ask(`runs/${runId}/steps/1/input`, READ)).json()) as { message: object };
    deepEqual(message, { payload: { camera: 8 }, _msgid: runId });
  });

  it("deletes a run that is over, for users with the write permission, as JSON", async () => {
    const remove = (permission: string, headers: Record<string, string> = JSON_TYPE): Promise<Response> =>
      ask("runs/secret-customer", permission, { method: "DELETE", headers });
    equal((await remove(READ)).status, 401);
    equal((await remove(WRITE, {})).status, 415);
    equal((await remove(WRITE, { ...JSON_TYPE, origin: "https://evil.test" })).status, 403);
    equal((await ask("runs/secret-customer", READ)).status, 200);
    equal((await remove(WRITE)).status, 200);
    equal((await ask("runs/secret-customer", READ)).status, 404);
    equal((await remove(WRITE)).status, 404);
    const changes = (await (await ask("changes?since=", READ)).json()) as { changed: RunSummary[] };
    ok(!changes.changed.some(({ runId }) => runId === "secret-customer"));
  });

  it("serves the page and its texts to everybody, because a browser opens a page without a token", async () => {
    const page = await fetch(`${nodeRed.url}/lightly-aws/`);
    equal(page.status, 200);
    match(page.headers.get("content-type") ?? "", /^text\/html/);
    match(await page.text(), /<title>Lightly runs<\/title>/);
    const redirect = await fetch(`${nodeRed.url}/lightly-aws`, { redirect: "manual" });
    deepEqual([redirect.status, redirect.headers.get("location")], [301, "lightly-aws/"]);
    const titleIn = async (language: string): Promise<string> =>
      ((await (await fetch(`${nodeRed.url}/lightly-aws/texts/${language}`)).json()) as { title: string }).title;
    deepEqual(await Promise.all(["de-AT", "ja", "zh-CN", "fr", "..%2Fen-US"].map(titleIn)), [
      "Durchläufe",
      "実行",
      "运行",
      "Runs",
      "Runs",
    ]);
  });

  it("sends frames as a zip file only with the read permission, or by a link that works once", async () => {
    equal((await ask("runs/unknown/frames.zip", WRITE)).status, 401);
    equal((await ask("runs/unknown/frames.zip", READ)).status, 404);
    equal((await ask("runs/unknown/frames/download", WRITE, { method: "POST", headers: JSON_TYPE })).status, 401);
    equal((await ask("runs/unknown/frames/download", READ, { method: "POST", headers: JSON_TYPE })).status, 404);
    equal((await fetch(`${nodeRed.url}/lightly-aws/downloads/guessed`)).status, 404);
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
