import { areOmittedParts } from "../messages/omitted-parts.ts";
import type { RecordedError, RunTrigger, StepSequence } from "../records/run-record.ts";
import type { SentMessage } from "../runs/steps/outbox.ts";
import { JOURNAL_VERSION, type JournalRun, type JournalStep } from "./journal-run.ts";

/** A message is at most 32 levels deep. */
const MAX_DEPTH = 100;

/** Whether no member has the name `__proto__`, or is nested so deeply that reading it overflows the stack. No such run is ever written. */
export function isOrdinary(content: object): boolean {
  const waiting: [object, number][] = [[content, 0]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [value, depth] = next;
    if (depth > MAX_DEPTH || Object.hasOwn(value, "__proto__")) {
      return false;
    }
    for (const member of Object.values(value)) {
      if (typeof member === "object" && member !== null) {
        waiting.push([member, depth + 1]);
      }
    }
  }
  return true;
}

/** Whether each member that this package reads has the right type. */
export function isRun(content: Record<string, unknown>): content is Record<string, unknown> & JournalRun {
  const { version, runId, trigger, startedAt, endedAt, abortReason, catchPending, failedStepId, events, steps } =
    content;
  return (
    (version === 1 || version === JOURNAL_VERSION) &&
    isId(runId) &&
    isAbsentOr(isTrigger, trigger) &&
    isTime(startedAt) &&
    isAbsentOr(isTime, endedAt) &&
    isAbsentOr(isId, abortReason) &&
    isAbsentOr((owes) => owes === true, catchPending) &&
    isAbsentOr(isId, failedStepId) &&
    isAbsentOr((is) => is === true, content.isAbandoned) &&
    isAbsentOr(Number.isSafeInteger, content.passStart) &&
    isAbsentOr(Array.isArray, events) &&
    Array.isArray(steps) &&
    steps.length > 0 &&
    steps.every(isStep) &&
    new Set(steps.map(({ stepId }) => stepId)).size === steps.length
  );
}

function isTrigger(trigger: unknown): trigger is RunTrigger {
  return (
    isObject(trigger) &&
    (trigger.kind === "rerun"
      ? isId(trigger.runId)
      : trigger.kind === "node" && [trigger.nodeId, trigger.type, trigger.name].every(isId))
  );
}

const STATES: readonly unknown[] = ["running", "completed", "failed", "aborted", "interrupted", "skipped"];

function isStep(step: unknown): step is JournalStep {
  return (
    isObject(step) &&
    [step.stepId, step.nodeId, step.type, step.role, step.name].every((text) => typeof text === "string") &&
    isTime(step.startedAt) &&
    isAbsentOr(isTime, step.endedAt) &&
    STATES.includes(step.state) &&
    typeof step.alwaysRuns === "boolean" &&
    isAbsentOr(isObject, step.progress) &&
    isAbsentOr((phases) => Array.isArray(phases) && phases.every(isPhase), step.phases) &&
    isAbsentOr(isObject, step.checkpoint) &&
    isAbsentOr(isId, step.replacedBy) &&
    isAbsentOr(isId, step.cancelReason) &&
    isAbsentOr(isObject, step.result) &&
    isAbsentOr(isError, step.error) &&
    isAbsentOr(areOmittedParts, step.omitted) &&
    isAbsentOr(isId, step.parentStepId) &&
    isAbsentOr(isId, step.subflowNodeId) &&
    isAbsentOr(isId, step.templateNodeId) &&
    isAbsentOr(isTime, step.attempt) &&
    isAbsentOr((log) => Array.isArray(log) && log.every(isLogEntry), step.log) &&
    isAbsentOr(isTime, step.resumeCount) &&
    isAbsentOr((all) => Array.isArray(all) && all.every(isSentMessage), step.outbox) &&
    isAbsentOr((all) => Array.isArray(all) && all.every(Number.isSafeInteger), step.receivedItems) &&
    isAbsentOr(Array.isArray, step.items) &&
    isAbsentOr(isSequence, step.sequence) &&
    isAbsentOr((item) => isObject(item) && isId(item.of) && Number.isSafeInteger(item.index), step.item)
  );
}

function isSequence(sequence: unknown): sequence is StepSequence {
  return (
    isObject(sequence) &&
    [sequence.count, sequence.maxFailures, sequence.ended].every(isTime) &&
    Array.isArray(sequence.failures) &&
    sequence.failures.every(
      (one) => isObject(one) && isTime(one.index) && [one.nodeId, one.code, one.message].every(isText),
    )
  );
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isLogEntry(entry: unknown): boolean {
  return (
    isObject(entry) &&
    isTime(entry.at) &&
    typeof entry.text === "string" &&
    isAbsentOr((level) => level === "warning", entry.level)
  );
}

function isPhase(phase: unknown): boolean {
  return isObject(phase) && isId(phase.name) && isTime(phase.startedAt);
}

function isSentMessage(entry: unknown): entry is SentMessage {
  return (
    isObject(entry) &&
    (entry.outlet === "error" || isTime(entry.outlet)) &&
    isTime(entry.at) &&
    Array.isArray(entry.to) &&
    entry.to.every(isId) &&
    isAbsentOr(Number.isSafeInteger, entry.item) &&
    isAbsentOr((is) => is === true, entry.isCollected) &&
    isAbsentOr((redelivered) => redelivered === true, entry.redelivered) &&
    isAbsentOr(areOmittedParts, entry.omitted)
  );
}

function isError(error: unknown): error is RecordedError {
  return isObject(error) && isId(error.code) && typeof error.message === "string" && isObject(error.details);
}

function isAbsentOr(is: (value: unknown) => boolean, value: unknown): boolean {
  return value === undefined || is(value);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
