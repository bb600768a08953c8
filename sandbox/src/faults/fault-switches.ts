import type { Faults } from "./faults.ts";

/** The faults that do not concern single requests, by name, with the type of their values. */
const SWITCHES = {
  capacityMissing: "number",
  startFailures: "number",
  capacityLost: "number",
  neverOnline: "boolean",
  neverDelivered: "boolean",
  spotReclaims: "number",
  pullFailures: "number",
  startsHang: "number",
  batchBlocked: "false or reason",
  jobsForgotten: "boolean",
  emptyLogPages: "number",
  clockAheadMs: "number",
  workerCrash: "boolean or state",
  runNeverEnds: "boolean",
} as const;

export type FaultSwitch = keyof typeof SWITCHES;

/** The current value of every switch. */
export function readSwitches(faults: Faults): Record<FaultSwitch, number | boolean | string> {
  const names = Object.keys(SWITCHES) as FaultSwitch[];
  return Object.fromEntries(names.map((name) => [name, faults[name]])) as Record<
    FaultSwitch,
    number | boolean | string
  >;
}

export function isSwitch(name: string): name is FaultSwitch {
  return Object.hasOwn(SWITCHES, name);
}

/** Sets one switch; an invalid value throws an error with a message for the user. */
export function setSwitch(faults: Faults, name: FaultSwitch, value: unknown): void {
  switch (name) {
    case "capacityMissing":
    case "startFailures":
    case "capacityLost":
    case "spotReclaims":
    case "pullFailures":
    case "startsHang":
    case "emptyLogPages":
      if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
        throw new Error(`${name} must be a whole number of requests, not ${String(value)}.`);
      }
      faults[name] = value;
      return;
    case "clockAheadMs":
      if (typeof value !== "number" || !Number.isFinite(value)) {
        throw new Error(`clockAheadMs must be a number of milliseconds, not ${String(value)}.`);
      }
      faults.clockAheadMs = value;
      return;
    case "batchBlocked":
      if (value !== false && typeof value !== "string") {
        throw new Error(`batchBlocked must be false or the statusReason of jobs, not ${String(value)}.`);
      }
      faults.batchBlocked = value;
      return;
    case "workerCrash":
      if (typeof value !== "boolean" && typeof value !== "string") {
        throw new Error(`workerCrash must be true, false or the state of a run, not ${String(value)}.`);
      }
      faults.workerCrash = value;
      return;
    default:
      if (typeof value !== "boolean") {
        throw new Error(`${name} must be true or false, not ${String(value)}.`);
      }
      faults[name] = value;
  }
}
