import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createFaults, type Faults } from "../../src/faults/faults.ts";
import { applyFaultText, checkFaultRule, parseFaultRule } from "../../src/faults/parse-fault.ts";
import type { Refuse } from "../../src/faults/strike.ts";
import { eventually } from "../instances/running-sandbox.ts";

describe("Injected faults", () => {
  let faults: Faults;
  let server: Server;
  let url: string;
  /** The text of the last error, and the header that it names. */
  let told: string[];
  before(async () => {
    server = createServer(async (req, res) => {
      const refuse: Refuse = (status, code, message, { Header } = {}) => {
        told = [message, ...(Header === undefined ? [] : [Header])];
        res.writeHead(status).end(code);
      };
      if (!(await faults.apply("s3", "PutObject", req, res, refuse))) {
        res.end("fine");
      }
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    faults = createFaults();
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const ask = async (signal?: AbortSignal, headers = {}): Promise<string> => {
    const answer = await fetch(url, signal === undefined ? { headers } : { signal, headers });
    return `${answer.status} ${await answer.text()}`;
  };

  it("strike only requests with a header, and name it", async () => {
    faults.add({ service: "s3", kind: "status", status: 501, code: "NotImplemented", header: "X-Amz-Tagging" });
    assert.equal(await ask(), "200 fine");
    assert.equal(await ask(undefined, { "x-amz-tagging": "a=b" }), "501 NotImplemented");
    assert.deepEqual(told, ["A header you provided implies functionality that is not implemented", "X-Amz-Tagging"]);
  });

  it("say what they are told to say, else what AWS says", async () => {
    const message = "User: arn:aws:iam::123456789012:user/a is not authorized to perform: kms:Decrypt";
    faults.add({ service: "s3", kind: "status", status: 403, code: "AccessDenied", message, times: 1 });
    faults.add({ service: "s3", kind: "status", status: 403, code: "AccessDenied", times: 1 });
    await ask();
    assert.deepEqual(told, [message]);
    await ask();
    assert.deepEqual(told, ["Access Denied"]);
    assert.deepEqual(parseFaultRule("s3:PutObject:status,status=501,header=x-amz-acl,message=No."), {
      ...{ service: "s3", operation: "PutObject", kind: "status", status: 501, header: "x-amz-acl", message: "No." },
    });
  });

  it("affect the matching requests, as often as configured", async () => {
    faults.add({ service: "ec2", kind: "status", status: 500 });
    faults.add({ service: "s3", operation: "GetObject", kind: "status", status: 500 });
    assert.equal(await ask(), "200 fine");
    const id = faults.add({
      service: "s3",
      operation: "put*",
      kind: "status",
      status: 503,
      code: "SlowDown",
      times: 1,
      after: 1,
    });
    assert.deepEqual([await ask(), await ask(), await ask()], ["200 fine", "503 SlowDown", "200 fine"]);
    assert.deepEqual(
      faults.list().map(({ applied }) => applied),
      [0, 0, 1],
    );
    faults.remove(id);
    assert.equal(faults.list().length, 2);
    faults.add({ service: "*", kind: "throttle" });
    assert.equal(await ask(), "503 SlowDown");
    faults.neverOnline = true;
    faults.clear();
    assert.equal(faults.neverOnline, false);
    assert.equal(await ask(), "200 fine");
  });

  it("delay, break, corrupt or never send responses", async () => {
    faults.add({ service: "s3", kind: "latency", latencyMs: 60, times: 1 });
    const started = performance.now();
    assert.equal(await ask(), "200 fine");
    assert.ok(performance.now() - started >= 55);
    faults.add({ service: "s3", kind: "reset", times: 1 });
    await assert.rejects(ask());
    faults.add({ service: "s3", kind: "malformed", times: 1 });
    assert.match(await ask(), /^200 <<</);
    faults.add({ service: "s3", kind: "hang", times: 1 });
    await assert.rejects(ask(AbortSignal.timeout(50)), { name: "TimeoutError" });
    assert.equal(await ask(), "200 fine");
  });

  it("delay a request at most until they are removed", async () => {
    for (const remove of [(id: string) => faults.remove(id), () => faults.clear()]) {
      const id = faults.add({ service: "s3", kind: "latency", latencyMs: 3_600_000 });
      const answer = ask();
      await eventually("the request", () => faults.list()[0]?.applied === 1);
      remove(id);
      assert.equal(await answer, "200 fine");
    }
  });

  it("can be written on a command line", () => {
    assert.deepEqual(parseFaultRule("s3:PutObject:status,status=503,code=SlowDown,times=2"), {
      service: "s3",
      operation: "PutObject",
      kind: "status",
      status: 503,
      code: "SlowDown",
      times: 2,
    });
    assert.deepEqual(parseFaultRule("lightly:POST /v1/datasets:latency,latency=800"), {
      service: "lightly",
      operation: "POST /v1/datasets",
      kind: "latency",
      latencyMs: 800,
    });
    applyFaultText(faults, "capacity-missing=3");
    applyFaultText(faults, "never-online");
    applyFaultText(faults, "worker-crash=EMBEDDING");
    applyFaultText(faults, "*:hang,after=1");
    assert.deepEqual([faults.capacityMissing, faults.neverOnline, faults.workerCrash], [3, true, "EMBEDDING"]);
    assert.equal(faults.list()[0]?.kind, "hang");
  });

  it("are refused if they are invalid", () => {
    assert.throws(() => applyFaultText(faults, "capacity-missing"), /whole number/);
    assert.throws(() => applyFaultText(faults, "nonsense"), /not a valid service of a fault/);
    assert.throws(() => parseFaultRule("s3:explode"), /not a valid kind of a fault/);
    assert.throws(() => checkFaultRule({ service: "s3", kind: "status", status: 200 }), /400 to 599/);
    assert.throws(() => checkFaultRule({ service: "s3", kind: "status", color: 1 }), /no 'color'/);
    assert.throws(() => checkFaultRule([]), /an object/);
  });
});
