import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { Socket } from "node:net";
import { runInNewContext } from "node:vm";
import { restoreMessage } from "../../src/messages/restore-message.ts";
import { copyMessage, safeCopy } from "../../src/messages/safe-copy.ts";
import { leastProcessorMs } from "../support/processor-time.ts";

const namesOf = (value: unknown): string[] =>
  copyMessage(value).omitted.map(({ path, why }) => `${path.join(".")}: ${why}`);

describe("the copy of a message for the disk", () => {
  it("is equal to the message if JSON supports it", () => {
    const message = { _msgid: "a", payload: { n: 1.5, b: false, nothing: null, list: ["x", { y: [] }] }, topic: "" };
    const { value, omitted } = copyMessage(message);
    deepEqual(value, message);
    deepEqual(omitted, []);
  });

  it("does not change with the message", () => {
    const message = { payload: { list: [1] } };
    const { value } = copyMessage(message);
    message.payload.list.push(2);
    deepEqual(value, { payload: { list: [1] } });
  });

  it("copies objects of a function node, whose realm has another prototype", () => {
    const message = runInNewContext("({ payload: { list: [1, { two: 2 }] }, at: new Date(0) })");
    deepEqual(copyMessage(message).value, { payload: { list: [1, { two: 2 }] }, at: "1970-01-01T00:00:00.000Z" });
  });

  it("omits the HTTP exchange of a message, and names it", () => {
    const message = { payload: 1, req: { headers: { cookie: "a=b" } }, res: { _res: {}, send() {} } };
    const { value } = copyMessage(message);
    deepEqual(value, { payload: 1 });
    deepEqual(namesOf(message), ["req: part of an HTTP exchange", "res: part of an HTTP exchange"]);
    deepEqual(copyMessage({ payload: { req: 1 } }).value, { payload: { req: 1 } }, "a req further down is data");
  });

  it("omits values that JSON does not support, and names them", () => {
    const message = {
      f() {},
      socket: new Socket(),
      map: new Map([[1, 2]]),
      error: new RangeError("x"),
      symbol: Symbol("s"),
      big: 10n,
      nan: Number.NaN,
      list: [1, () => {}, 3],
      gone: undefined,
    };
    deepEqual(copyMessage(message).value, { list: [1, null, 3] });
    deepEqual(namesOf(message), [
      "f: function",
      "socket: Socket",
      "map: Map",
      "error: RangeError",
      "symbol: symbol",
      "big: bigint",
      "nan: NaN",
      "list.1: function",
    ]);
  });

  it("breaks circular references, and copies repeated objects twice", () => {
    const shared = { a: 1 };
    const message: Record<string, unknown> = { one: shared, two: shared };
    message.payload = { up: message };
    deepEqual(copyMessage(message).value, { one: { a: 1 }, two: { a: 1 }, payload: {} });
    deepEqual(namesOf(message), ["payload.up: circular"]);
  });

  it("copies a small Buffer in Node-RED's form, and names a large one", () => {
    const message = { small: Buffer.from([1, 2, 255]), large: Buffer.alloc(5000) };
    const { value } = copyMessage(message);
    deepEqual(value, { small: { type: "Buffer", data: [1, 2, 255] } });
    deepEqual(namesOf(message), ["large: 5000 bytes"]);
    deepEqual(Buffer.from((value as { small: { data: number[] } }).small.data), message.small);
  });

  it("has a limited size for any message, and names what is missing", () => {
    const wide = { text: "x".repeat(100_000), list: Array.from({ length: 100_000 }, (_, i) => i) };
    ok(JSON.stringify(copyMessage(wide).value).length < 100_000);
    deepEqual(namesOf(wide).includes("text: too large"), true);
    deepEqual(namesOf(wide).includes("list: too large"), true);
    let deep: unknown = 0;
    for (let level = 0; level < 20_000; level += 1) {
      deep = { deep };
    }
    match(namesOf(deep).join(), /too large/);
  });

  it("names a list as a whole if one of its items does not fit", () => {
    const list = Array.from({ length: 100 }, (_, index) => `${"x".repeat(1000)}${index}`);
    deepEqual(namesOf({ text: "x".repeat(70_000), list: ["short"] }), ["text: too large"]);
    equal(namesOf({ list }).at(-1), "list: too large");
    deepEqual(restoreMessage(copyMessage({ list, kept: 1 })), { kept: 1 });
  });

  it("says if more is missing than it names", () => {
    const { omitted } = copyMessage({ list: Array.from({ length: 1000 }, () => () => {}) });
    equal(omitted.length, 51);
    deepEqual(omitted.at(-1), { path: [], why: "and more" });
  });

  it("survives getters and proxies that throw", () => {
    const message = {
      payload: 1,
      get trap(): unknown {
        throw new Error("no");
      },
      proxy: new Proxy({}, { ownKeys: () => assertNever() }),
    };
    deepEqual(copyMessage(message).value, { payload: 1 });
    deepEqual(namesOf(message), ["trap: unreadable", "proxy: unreadable"]);
  });

  it("can't be made to change a prototype", () => {
    const { value } = copyMessage(JSON.parse('{"__proto__":{"polluted":true},"a":1}'));
    deepEqual(Object.keys(value as object), ["a"]);
    equal((value as { polluted?: boolean }).polluted, undefined);
  });

  it("is null for undefined", () => {
    equal(safeCopy(undefined).value, null);
    equal(safeCopy(() => {}).value, null);
  });
});

describe("a secret", () => {
  const S = "hunter2-TopSecret";
  const PLACES: ReadonlyArray<readonly [string, unknown]> = [
    [
      "under a name that says so",
      { token: S, apiKey: S, api_key: S, client_secret: S, PASSWORD: S, secretAccessKey: S },
    ],
    ["in headers", { headers: { Authorization: S, "x-api-key": S, Cookie: S, "X-Amz-Security-Token": S } }],
    ["inside a secret object or list", { credentials: { user: S }, tokens: [S, { deep: S }] }],
    ["as a number or bytes under such a name", { token: Buffer.from(S) }],
    ["in a query", { url: `https://api.example/v1?token=${S}&x=1` }],
    ["in a signed URL", { url: `https://b.s3.amazonaws.com/k?X-Amz-Credential=${S}&X-Amz-Signature=${S}` }],
    ["in a URL's user", { url: `https://me:${S}@host/` }],
    ["in a shell line", { payload: `docker run -e LIGHTLY_TOKEN=${S} lightly/worker` }],
    ["in a header's line", { payload: `GET / HTTP/1.1\nAuthorization: Bearer ${S}\n` }],
    ["in a list of headers", { rawHeaders: ["Authorization", `Bearer ${S}`, "X", `Basic ${S}`] }],
    ["in JSON as a text", { payload: JSON.stringify({ user: 1, "my-token": S, nested: { password: S } }) }],
    ["in JSON in JSON", { payload: JSON.stringify({ body: JSON.stringify({ token: S }) }) }],
    ["in a list in JSON as a text", { payload: JSON.stringify([{ tokens: [S, { a: S }] }]) }],
    ["in a command line", { payload: `run --api-key ${S} --my-token=${S} -password ${S}` }],
    ["as a web token", { payload: `eyJhbGciOiJIUzI1NiJ9.eyJ${S}aaaaaaaa.${S}` }],
    ["in YAML", { payload: `user: me\npassword: ${S}\n` }],
    ["in a private key", { payload: `-----BEGIN RSA PRIVATE KEY-----\n${S}\n-----END RSA PRIVATE KEY-----` }],
    ["in bytes", { payload: Buffer.from(`token=${S}`) }],
    ["in a name", { [`https://x/?token=${S}`]: 1 }],
    ["behind a Catch node", { error: { message: `refused: https://x/?token=${S}`, source: { id: "n" } } }],
  ];

  for (const [where, message] of PLACES) {
    it(`does not reach the disk ${where}`, () => {
      const copied = copyMessage(message);
      const text = JSON.stringify(copied);
      doesNotMatch(text, /TopSecret/);
      const bytes = [...text.matchAll(/"data":\[([\d,]*)\]/g)].map(([, list]) =>
        Buffer.from((list ?? "").split(",").map(Number)).toString(),
      );
      doesNotMatch(bytes.join(), /TopSecret/);
      ok(copied.omitted.length > 0, "what is masked is named");
    });
  }

  it("does not remove anything else", () => {
    const message = {
      author: "A. Uthor",
      instanceIds: ["i-0123456789abcdef0"],
      commandId: "3f1c",
      bucket: "b",
      key: "videos/ab12/clip.mp4",
      roleArn: "arn:aws:iam::123456789012:role/lightly-access",
      url: "https://videos.pexels.com/1.mp4?w=1280",
    };
    deepEqual(copyMessage(message), { value: message, omitted: [] });
  });

  it("is found in time in proportion to the text", () => {
    for (const text of [
      '"'.repeat(60_000),
      "a".repeat(60_000),
      "token".repeat(12_000),
      "Basic ".repeat(10_000),
      "[".repeat(60_000),
      "--".repeat(30_000),
      "eyJ".repeat(20_000),
    ]) {
      ok(leastProcessorMs(() => copyMessage({ text }), 500) < 500);
    }
  });
});

function assertNever(): never {
  throw new Error("no");
}
