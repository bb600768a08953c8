/**
 * Loaded into a Node-RED before anything else (`--require`): the machine's date is off by the milliseconds in the file `CHAOS_CLOCK_FILE`,
 * which may change at any moment. The monotonic clock and timers stay as they are, as they do when a date is set.
 */
const { readFileSync } = require("node:fs");

const { CHAOS_CLOCK_FILE: file = "" } = process.env;
const LOOK_EACH_MS = 5;
const Plain = Date;

let offsetMs = 0;
let lookedAt = Number.NEGATIVE_INFINITY;

function now() {
  if (performance.now() - lookedAt >= LOOK_EACH_MS) {
    lookedAt = performance.now();
    try {
      offsetMs = Number(readFileSync(file, "utf8"));
    } catch {
      offsetMs = 0;
    }
  }
  return Plain.now() + offsetMs;
}

globalThis.Date = new Proxy(Plain, {
  construct: (target, given, newTarget) => Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
  apply: () => new Plain(now()).toString(),
  get: (target, name, receiver) => (name === "now" ? now : Reflect.get(target, name, receiver)),
});
