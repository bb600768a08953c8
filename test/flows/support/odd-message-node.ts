/** A node that sends what a function node can't: any `_msgid`, getters that throw, proxies, frozen messages. */
export const ODD_MESSAGE_FILES: Readonly<Record<string, string>> = {
  "nodes/odd-message.html": `<script type="text/javascript">
  RED.nodes.registerType("odd-message", { category: "function", defaults: {}, inputs: 1, outputs: 8 });
</script>`,
  "nodes/odd-message.js": `
/** The same numbers for the same seed: mulberry32. */
function seeded(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
const circular = { name: "circular" };
circular.self = circular;
const ODD = [
  () => undefined, () => null, () => true, () => false, () => 0, () => -1, () => NaN, () => Infinity, () => 10n, () => "",
  () => " ", () => "a", () => "../../x", () => "x".repeat(100000), () => "-eyJ".repeat(20000), () => "\\u0000\\n", () => "\\ud800",
  () => "__proto__", () => "constructor", () => "http://", () => "s3://", () => "{", () => [], () => [[]], () => [null], () => ["a", 1n],
  () => ({}), () => circular, () => Object.create(null), () => JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":1}}'),
  () => ({ toString() { throw new Error("no text"); } }), () => ({ toJSON() { throw Object.create(null); } }),
  () => ({ id: "a", index: "x", count: {} }), () => ({ from: ["a"] }), () => ({ from: "x".repeat(1000) }),
  () => Buffer.alloc(2000), () => new Map([[1, 2]]), () => new Date(NaN), () => /x/g, () => Symbol("s"), () => () => 1,
  () => new Error("an error"), () => Object.freeze({ a: 1 }), () => ({ length: 1e9 }), () => new Array(1e4),
  () => Array.from({ length: 20000 }, (_, i) => i),
];
const NAMES = ["_msgid", "runId", "parts", "error", "abort", "retry", "cancel", "payload", "req", "res", "filename", "url", "_lightly",
  "topic", "bucket", "instanceIds", "script", "datasetName", "s3", "ec2", "pexels", "lightly", "statusCode", "__proto__"];

function oddMessage(n) {
  const random = seeded(n);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const message = { payload: n, _msgid: "m" + n };
  for (const name of NAMES) {
    if (random() < 0.35) {
      Object.defineProperty(message, name, { value: pick(ODD)(), writable: true, enumerable: true, configurable: true });
    }
  }
  // By this, its end is counted.
  message.number = n;
  return message;
}

module.exports = function (RED) {
  RED.nodes.registerType("odd-message", function (config) {
    RED.nodes.createNode(this, config);
    const outputs = config.wires.length;
    this.on("input", (msg, send, done) => {
      for (let n = msg.payload.from; n < msg.payload.to; n += 1) {
        const outs = new Array(outputs).fill(null);
        outs[n % outputs] = oddMessage(n);
        send(outs);
      }
      done();
    });
  });
  const ends = [];
  RED.nodes.registerType("count-ends", function (config) {
    RED.nodes.createNode(this, config);
    this.on("input", (msg, send, done) => {
      ends.push([msg.number, config.name]);
      done();
    });
  });
  RED.httpAdmin.get("/test/ends", (request, response) => response.json(ends));
};
`,
};
