import type { Faults } from "./faults.ts";

/** The faults that are not about single requests, by name, with the values they take. */
const SWITCHES = {
  capacityMissing: "number",
  startFailures: "number",
  capacityLost: "number",
  neverOnline: "boolean",
  neverDelivered: "boolean",
  workerCrash: "boolean or state",
  runNeverEnds: "boolean",
} as const;

export type FaultSwitch = keyof typeof SWITCHES;

/** The present value of every switch. */
export function readSwitches(faults: Faults): Record<FaultSwitch, number | boolean | string> {
  const { capacityMissing, startFailures, capacityLost, neverOnline, neverDelivered, workerCrash, runNeverEnds } =
    faults;
  return { capacityMissing, startFailures, capacityLost, neverOnline, neverDelivered, workerCrash, runNeverEnds };
}

export function isSwitch(name: string): name is FaultSwitch {
  return Object.hasOwn(SWITCHES, name);
}

/** Sets one switch; a value that does not fit throws with a text for the user. */
export function setSwitch(faults: Faults, name: FaultSwitch, value: unknown): void {
  switch (name) {
    case "capacityMissing":
    case "startFailures":
    case "capacityLost":
      if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
        throw new Error(`${name} takes a whole number of requests, not ${String(value)}.`);
      }
      faults[name] = value;
      return;
    case "workerCrash":
      if (typeof value !== "boolean" && typeof value !== "string") {
        throw new Error(`workerCrash takes true, false or the state of a run, not ${String(value)}.`);
      }
      faults.workerCrash = value;
      return;
    default:
      if (typeof value !== "boolean") {
        throw new Error(`${name} takes true or false, not ${String(value)}.`);
      }
      faults[name] = value;
  }
}
