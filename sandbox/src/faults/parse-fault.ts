import { FAULT_KINDS, FAULT_SERVICES, type FaultKind, type FaultRule, matchesOperation } from "./fault-rule.ts";
import { isSwitch, setSwitch } from "./fault-switches.ts";
import type { Faults } from "./faults.ts";
import { operationNames } from "./operation-names.ts";

/** Applies one `--fault` of the command line; an invalid value throws an error that names the problem. */
export function applyFaultText(faults: Faults, text: string): void {
  const [name = "", value] = splitAt(text, text.indexOf("="));
  const camel = name.replace(/-([a-z])/g, (_all, letter: string) => letter.toUpperCase());
  if (isSwitch(camel)) {
    setSwitch(faults, camel, value === undefined ? true : /^\d+$/.test(value) ? Number(value) : value);
  } else {
    faults.add(parseFaultRule(text));
  }
}

/** `SERVICE[:OPERATION]:KIND[,name=value...]`; the operation may itself contain colons and slashes. */
export function parseFaultRule(text: string): FaultRule {
  const [head = "", ...settings] = text.split(",");
  const parts = head.split(":");
  const rule: Record<string, unknown> = { service: parts[0], kind: parts.at(-1) };
  if (parts.length > 2) {
    rule.operation = parts.slice(1, -1).join(":");
  }
  for (const setting of settings) {
    const [name = "", value = ""] = splitAt(setting, setting.indexOf("="));
    const number = /^\d+$/.test(value) ? Number(value) : value;
    rule[name === "latency" ? "latencyMs" : name] = TEXTS.includes(name) ? value : number;
  }
  return checkFaultRule(rule);
}

/** Validates a rule from the command line or JSON; an invalid one throws an error that names the problem. */
export function checkFaultRule(value: unknown): FaultRule {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error("A fault must be an object with service and kind.");
  }
  const rule = value as Record<string, unknown>;
  const service = oneOf(FAULT_SERVICES, rule.service, "service");
  const kind: FaultKind = oneOf(FAULT_KINDS, rule.kind, "kind");
  const unknown = Object.keys(rule).find((name) => !["service", "kind", ...TEXTS, ...NUMBERS].includes(name));
  if (unknown !== undefined) {
    throw new Error(`A fault has no '${unknown}'; it has service, kind, ${[...TEXTS, ...NUMBERS].join(", ")}.`);
  }
  const given = (names: readonly string[]) => names.filter((name) => rule[name] !== undefined);
  for (const name of given(NUMBERS)) {
    if (!Number.isInteger(rule[name]) || Number(rule[name]) < 0) {
      throw new Error(`A fault's ${name} must be a whole number, not ${String(rule[name])}.`);
    }
  }
  const status = rule.status;
  if (status !== undefined && (Number(status) < 400 || Number(status) > 599)) {
    throw new Error(`A fault's status must be an HTTP error, 400 to 599, not ${String(status)}.`);
  }
  for (const name of given(TEXTS)) {
    if (typeof rule[name] !== "string") {
      throw new Error(`A fault's ${name} must be a string, not ${String(rule[name])}.`);
    }
  }
  refuseUnknownOperation(service, rule.operation as string | undefined);
  return { ...rule, service, kind };
}

/** A rule that matches no operation would never be applied. */
function refuseUnknownOperation(service: FaultRule["service"], operation: string | undefined): void {
  const names = operationNames();
  const all = service === "*" ? Object.values(names).flat() : names[service];
  if (!all.some((name) => matchesOperation(operation, name))) {
    const owner = service === "*" ? "any service" : service;
    throw new Error(`'${operation}' is no operation of ${owner}; npm run sandbox -- --help lists their names.`);
  }
}

const TEXTS = ["operation", "code", "message", "header"];
const NUMBERS = ["latencyMs", "status", "times", "after"];

function oneOf<T extends string>(allowed: readonly T[], value: unknown, what: string): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) {
    throw new Error(`'${String(value)}' is not a valid ${what} of a fault; use one of ${allowed.join(", ")}.`);
  }
  return found;
}

function splitAt(text: string, at: number): [string, string | undefined] {
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
