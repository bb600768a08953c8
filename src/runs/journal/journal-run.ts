import type { Fact } from "../facts/fact.ts";
import type { HandedOn } from "../messages/handed-on.ts";
import { areLeftOut, type LeftOut } from "../messages/left-out.ts";
import type { RecordedError, RunTrigger, StepRecord } from "../records/run-record.ts";

/** The version of the files that this package writes. A further member is no new version; another meaning is. */
export const JOURNAL_VERSION = 1;

/** A step as the journal keeps it: its record, and what is needed to do it again. */
export interface JournalStep extends StepRecord {
  readonly alwaysRuns: boolean;
  /** Why a user has canceled the step, which has not ended yet. */
  readonly cancelReason?: string;
  /** The message that the step received, without what is named in `leftOut`. */
  readonly message?: unknown;
  readonly leftOut?: readonly LeftOut[];
  /** What has left the step; with its message while somebody is to take it up. */
  readonly handedOn?: readonly HandedOn[];
}

/** A run as the journal keeps it; one file holds one. */
export interface JournalRun {
  readonly version: typeof JOURNAL_VERSION;
  readonly runId: string;
  readonly trigger?: RunTrigger;
  readonly startedAt: number;
  readonly endedAt?: number;
  /** Why nobody wants the run any more: the user, or a node that is gone. */
  readonly abortReason?: string;
  /** A node of the run was deleted or disabled under its work. */
  readonly isAbandoned?: true;
  /** The index of the first step of the current pass; absent for the first one. */
  readonly passFrom?: number;
  /** The run was aborted by a user, and none of its steps has told Catch yet. */
  readonly owesCatch?: true;
  /** The step whose failure is the run's. */
  readonly failedStepId?: string;
  /** What the steps have told each other. */
  readonly facts?: readonly Fact[];
  readonly steps: readonly JournalStep[];
}

/** Whether nothing of a run is left to do: no step works or waits, and no message is on its way to one. */
export function isAtAnEnd({ endedAt, steps }: JournalRun): boolean {
  const isOver = ({ state, handedOn = [] }: JournalStep): boolean =>
    state !== "working" && state !== "interrupted" && handedOn.every(({ to }) => to.length === 0);
  return endedAt !== undefined && steps.every(isOver);
}

/** What is in a file: a run, one that only a later version of this package understands, or neither. */
export type JournalContent = { readonly run: JournalRun } | { readonly newer: unknown } | { readonly damage: string };

/** Judges a file's text. What it accepts is whole: every member that the rest of this package reads has its type. */
export function parseJournalRun(text: string): JournalContent {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return { damage: "is no JSON" };
  }
  if (!isObject(content) || typeof content.version !== "number") {
    return { damage: "is no run" };
  }
  if (content.version > JOURNAL_VERSION) {
    return { newer: content.version };
  }
  if (!isOrdinary(content)) {
    return { damage: "is nested too deeply, or has a reserved name" };
  }
  return isRun(content) ? { run: content } : { damage: "is not a whole run" };
}

/** A message is at most 32 levels deep. */
const MAX_DEPTH = 100;

/** Whether no member is called `__proto__`, and none is so deep that reading it overflows the stack: no run is written like that. */
function isOrdinary(content: object): boolean {
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

function isRun(content: Record<string, unknown>): content is Record<string, unknown> & JournalRun {
  const { version, runId, trigger, startedAt, endedAt, abortReason, owesCatch, failedStepId, facts, steps } = content;
  return (
    version === JOURNAL_VERSION &&
    isText(runId) &&
    isAbsentOr(isTrigger, trigger) &&
    isTime(startedAt) &&
    isAbsentOr(isTime, endedAt) &&
    isAbsentOr(isText, abortReason) &&
    isAbsentOr((owes) => owes === true, owesCatch) &&
    isAbsentOr(isText, failedStepId) &&
    isAbsentOr((is) => is === true, content.isAbandoned) &&
    isAbsentOr(Number.isSafeInteger, content.passFrom) &&
    isAbsentOr(Array.isArray, facts) &&
    Array.isArray(steps) &&
    steps.length > 0 &&
    steps.every(isStep) &&
    new Set(steps.map(({ stepId }) => stepId)).size === steps.length
  );
}

function isTrigger(trigger: unknown): trigger is RunTrigger {
  return (
    isObject(trigger) &&
    (trigger.kind === "again"
      ? isText(trigger.runId)
      : trigger.kind === "node" && [trigger.nodeId, trigger.type, trigger.name].every(isText))
  );
}

const STATES: readonly unknown[] = ["working", "completed", "failed", "aborted", "interrupted", "skipped"];

function isStep(step: unknown): step is JournalStep {
  return (
    isObject(step) &&
    [step.stepId, step.nodeId, step.type, step.name].every((text) => typeof text === "string") &&
    isTime(step.startedAt) &&
    isAbsentOr(isTime, step.endedAt) &&
    STATES.includes(step.state) &&
    typeof step.alwaysRuns === "boolean" &&
    isAbsentOr(isObject, step.progress) &&
    isAbsentOr(isObject, step.checkpoint) &&
    isAbsentOr(isText, step.redoneBy) &&
    isAbsentOr(isText, step.cancelReason) &&
    isAbsentOr(isObject, step.result) &&
    isAbsentOr(isError, step.error) &&
    isAbsentOr(areLeftOut, step.leftOut) &&
    isAbsentOr(isText, step.from) &&
    isAbsentOr(isTime, step.attempt) &&
    isAbsentOr((log) => Array.isArray(log) && log.every(isLogEntry), step.log) &&
    isAbsentOr(isTime, step.resumed) &&
    isAbsentOr((all) => Array.isArray(all) && all.every(isHandedOn), step.handedOn)
  );
}

function isLogEntry(entry: unknown): boolean {
  return isObject(entry) && isTime(entry.at) && typeof entry.text === "string";
}

function isHandedOn(entry: unknown): entry is HandedOn {
  return (
    isObject(entry) &&
    (entry.outlet === "error" || isTime(entry.outlet)) &&
    isTime(entry.at) &&
    Array.isArray(entry.to) &&
    entry.to.every(isText) &&
    isAbsentOr((again) => again === true, entry.again) &&
    isAbsentOr(areLeftOut, entry.leftOut)
  );
}

function isError(error: unknown): error is RecordedError {
  return isObject(error) && isText(error.code) && typeof error.message === "string" && isObject(error.details);
}

function isAbsentOr(is: (value: unknown) => boolean, value: unknown): boolean {
  return value === undefined || is(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
