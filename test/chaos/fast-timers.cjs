/**
 * Loaded into a Node-RED before anything else (`--require`): what would take a second or more takes a small part of it, so that the
 * time limits of requests and waits and the pauses between their repetitions can be tested. The monotonic clock, by which limits go, is as
 * fast; the date stays as it is.
 */
const { Socket } = require("node:net");
const { syncBuiltinESMExports } = require("node:module");
const timersPromises = require("node:timers/promises");

const FACTOR = 40;
const FROM_MS = 1000;

const shortened = (ms) => (typeof ms === "number" && ms >= FROM_MS ? Math.ceil(ms / FACTOR) : ms);

const { setTimeout: plain } = globalThis;
const { setTimeout: pause } = timersPromises;
const { setTimeout: idle } = Socket.prototype;
const { timeout } = AbortSignal;

const { now } = performance;
performance.now = () => now.call(performance) * FACTOR;
globalThis.setTimeout = Object.assign((action, ms, ...rest) => plain(action, shortened(ms), ...rest), plain);
timersPromises.setTimeout = (ms, ...rest) => pause(shortened(ms), ...rest);
Socket.prototype.setTimeout = function (ms, ...rest) {
  return idle.call(this, shortened(ms), ...rest);
};
AbortSignal.timeout = (ms) => timeout.call(AbortSignal, shortened(ms));
syncBuiltinESMExports();
