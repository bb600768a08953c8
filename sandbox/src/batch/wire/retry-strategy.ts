import type { ExitRule } from "../jobs/job.ts";
import { clientError, type JsonObject, neededText, numberField, objectField, objectList, textField } from "./fields.ts";

const MAX_RULES = 5;
const CONDITIONS = ["onStatusReason", "onReason", "onExitCode"] as const;

/** Reads `retryStrategy` and `timeout` of a definition or request; what is missing is `undefined`. */
export function retryStrategy(from: JsonObject): {
  attempts?: number;
  exitRules?: ExitRule[];
  timeoutSeconds?: number;
} {
  const strategy = objectField(from, "retryStrategy");
  const attempts = numberField(strategy, "attempts", 1, 10);
  const rules = objectList(strategy, "evaluateOnExit").map(exitRule);
  if (rules.length > MAX_RULES) {
    throw clientError(`evaluateOnExit can have at most ${MAX_RULES} rules.`);
  }
  if (rules.length > 0 && attempts === undefined) {
    throw clientError("evaluateOnExit requires attempts.");
  }
  const timeoutSeconds = numberField(objectField(from, "timeout"), "attemptDurationSeconds", 60, 2 ** 31 - 1);
  return {
    ...(attempts === undefined ? {} : { attempts, exitRules: rules }),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
  };
}

function exitRule(from: JsonObject): ExitRule {
  const action = neededText(from, "action").toUpperCase();
  if (action !== "RETRY" && action !== "EXIT") {
    throw clientError("The action of evaluateOnExit must be RETRY or EXIT.");
  }
  const conditions = CONDITIONS.flatMap((name): [string, string][] => {
    const pattern = textField(from, name);
    return pattern === undefined ? [] : [[name, checkPattern(name, pattern)]];
  });
  if (conditions.length === 0) {
    throw clientError(`A rule of evaluateOnExit requires one of ${CONDITIONS.join(", ")}.`);
  }
  return { action, ...Object.fromEntries(conditions) };
}

function checkPattern(name: string, pattern: string): string {
  const isValid = name === "onExitCode" ? /^\d*\*?$/.test(pattern) : /^[^*]*\*?$/.test(pattern);
  if (pattern === "" || pattern.length > 512 || !isValid) {
    throw clientError(
      `${name} '${pattern.slice(0, 100)}' is not valid: at most 512 characters, an asterisk only at the end.`,
    );
  }
  return pattern;
}
