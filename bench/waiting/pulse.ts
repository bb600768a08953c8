import { setTimeout as pause } from "node:timers/promises";
import type { MeasuredNodeRed } from "../measured-node-red.ts";

/** What a Node-RED has measured in itself since the previous pulse. */
export interface Pulse {
  /** The delay of its event loop, 99th percentile and maximum, in milliseconds. */
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Live objects and buffers after a garbage collection, in MiB. */
  readonly usedMib: number;
}

const MARK = "[pulse] ";
/** A timer of 1 ms is the resolution of the measurement, and part of each value. */
const RESOLUTION_MS = 1;

/** Settings of Node-RED that print a pulse at each SIGWINCH, which Node-RED does not use; it needs `--expose-gc`. */
export const PULSE_SETTINGS = `lightlyAwsBench: (() => {
    const delay = require("node:perf_hooks").monitorEventLoopDelay({ resolution: ${RESOLUTION_MS} });
    delay.enable();
    process.on("SIGWINCH", () => {
      const [p99Ms, maxMs] = [delay.percentile(99) / 1e6, delay.max / 1e6];
      // Twice: what the first one has finalized is released by the second one.
      gc();
      gc();
      const { heapUsed, external } = process.memoryUsage();
      console.log(${JSON.stringify(MARK)} + JSON.stringify({ p99Ms, maxMs, usedMib: (heapUsed + external) / 2 ** 20 }));
      delay.reset();
    });
  })(),`;

/** Collects the pulses in the log of a Node-RED. */
export class PulseReader {
  readonly #pulses: Pulse[] = [];

  readonly onLog = (line: string): void => {
    if (line.startsWith(MARK)) {
      this.#pulses.push(JSON.parse(line.slice(MARK.length)) as Pulse);
    }
  };

  /** Requests a pulse, and waits for it. */
  async next({ start }: MeasuredNodeRed, signal: AbortSignal): Promise<Pulse> {
    const before = this.#pulses.length;
    process.kill(start.pid, "SIGWINCH");
    for (;;) {
      const pulse = this.#pulses[before];
      if (pulse) {
        return pulse;
      }
      await pause(20, undefined, { signal });
    }
  }
}
