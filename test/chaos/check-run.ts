import { ERROR_CODES } from "../../src/errors/error-codes.ts";
import type { RunRecord } from "../../src/records/run-record.ts";
import type { Evidence, Span } from "./evidence.ts";

/** The expected result of a round. */
export interface Expectation {
  /** The number of requested runs. */
  readonly runs: number;
  /**
   * `completed`: all of them did their work. `ended`: they did, or failed with a code. `over`: they have come to any end, and may have
   * skipped what was no longer needed; work that is started after that end is a fault. `gone`: it was not restarted.
   */
  readonly outcome: "completed" | "ended" | "over" | "gone";
  /** The number of videos of each run. Default 1. */
  readonly videos?: number;
  /** Whether the trigger's message may be lost with a Node-RED that had not saved it. */
  readonly mayNotBegin?: boolean;
  /** Services that never work again, or whose node was deleted, so that nothing can be cleaned up; `journal`: a disk that refuses. */
  readonly excused?: ReadonlyArray<string>;
  /** With LightlyStudio there is nothing in Lightly. Default: the platform. */
  readonly engine?: "studio";
  /** The instance was terminated from outside. */
  readonly isTerminated?: boolean;
  /** Whether Node-RED has another date than the sandbox. */
  readonly dateIsOff?: boolean;
  /** How often the user may be warned that the instance may still be running. Default with `over`: never. */
  readonly alarms?: number;
}

/** `not started`: no record contains the run. */
export type Verdict = "passed" | "not started" | "failed";

export interface CheckResult {
  readonly verdict: Verdict;
  /** The violations, in sentences. */
  readonly violations: readonly string[];
}

/** Checks the results of a round. */
export function checkRun(evidence: Evidence, expectation: Expectation): CheckResult {
  if (expectation.mayNotBegin && isUntouched(evidence)) {
    return { verdict: "not started", violations: [] };
  }
  const violations = [
    ...endingFaults(evidence, expectation),
    ...instanceFaults(evidence, expectation),
    ...countFaults(evidence, expectation),
    ...(expectation.outcome === "completed" ? [...completionFaults(evidence), ...workerFaults(evidence)] : []),
    ...(expectation.outcome === "ended"
      ? evidence.runs.flatMap((run) => [...failureFaults(run), ...stopFaults(run)])
      : []),
    ...(expectation.outcome === "over" ? overFaults(evidence, expectation) : []),
    ...(expectation.outcome === "gone" ? [] : remains(evidence, expectation)),
  ];
  return { verdict: violations.length === 0 ? "passed" : "failed", violations };
}

/** Whether neither the sandbox nor Node-RED has a record of the run. */
function isUntouched(evidence: Evidence): boolean {
  const { runs, scheduled, objects, workerCommands, timers, openUploads, partFiles, ending } = evidence;
  const traces = [runs, scheduled, objects, workerCommands, timers, openUploads, partFiles];
  return (
    ending !== "crashed" &&
    evidence.starts === 0 &&
    evidence.configs === 0 &&
    evidence.instance.state === "stopped" &&
    traces.every((list) => list.length === 0)
  );
}

function endingFaults(evidence: Evidence, { outcome, runs: asked, excused = [] }: Expectation): string[] {
  const { ending, runs, journalTrouble } = evidence;
  // On a full disk the end of a run can't be saved, and the outdated file is removed. The run is lost with the process.
  const isForgotten = excused.includes("journal") && journalTrouble.some((line) => /was removed, because/.test(line));
  if (outcome === "gone" || (ending === "unknown" && isForgotten)) {
    return [];
  }
  switch (ending) {
    case "crashed":
      return ["Node-RED ended by itself"];
    case "limit":
      return [`the round did not end in time: ${describeRuns(runs)}`];
    case "unknown":
      return [`Node-RED knows ${runs.length} of ${asked} runs`];
    default:
      return runs.length > asked ? [`Node-RED has made ${runs.length} runs of ${asked}`] : [];
  }
}

function instanceFaults({ instance, starts, runs, stops }: Evidence, { isTerminated }: Expectation): string[] {
  const faults: string[] = [];
  const off = isTerminated ? "terminated" : "stopped";
  if (instance.state !== off) {
    faults.push(`the instance is ${instance.state}`);
  }
  if (instance.state === off && instance.processes > 0) {
    faults.push(`${instance.processes} processes run on a ${off} instance`);
  }
  if (starts > Math.max(1, runs.length)) {
    faults.push(`the instance was started ${starts} times and stopped ${stops.length} times`);
  }
  return faults;
}

/** One of everything for each completed run, and never more. */
function countFaults(evidence: Evidence, { runs, outcome, engine, videos = 1 }: Expectation): string[] {
  const { scheduled, workerCommands, objects } = evidence;
  const isDone = outcome === "completed" || (outcome === "ended" && haveCompleted(evidence.runs, runs));
  const count = (found: number, what: string, expected = runs): string[] =>
    found > expected || (isDone && found < expected)
      ? [`${found} ${what} instead of ${isDone ? expected : `at most ${expected}`}`]
      : [];
  const names = (texts: readonly string[]): string => (texts.length > 1 ? ` (${texts.join(", ")})` : "");
  return [
    ...count(
      scheduled.length + (engine === "studio" ? runs : 0),
      `scheduled runs${names(scheduled.map(({ id, state }) => `${id} ${state}`))}`,
    ),
    ...count(workerCommands.length, `worker commands${names(workerCommands)}`),
    ...count(objects.length, `videos in the bucket${names(objects.map(({ key }) => key))}`, runs * videos),
    ...objects.filter(({ isWhole }) => !isWhole).map(({ key, bytes }) => `${key} is not the video (${bytes} bytes)`),
  ];
}

function haveCompleted(runs: readonly RunRecord[], asked: number): boolean {
  return runs.length === asked && runs.every(({ state }) => state === "completed");
}

function completionFaults({ scheduled, lightlyRuns, runs, ending }: Evidence): string[] {
  const faults = scheduled.flatMap(({ id, state }) => {
    const states = lightlyRuns.filter(({ scheduledId }) => scheduledId === id).map((run) => run.state);
    return states.length === 1 && states[0] === "COMPLETED"
      ? []
      : [`scheduled run ${id} is ${state} and its run ${states.join(", ") || "was never made"}`];
  });
  const others = runs.filter(({ state }) => state !== "completed");
  return ending === "over" && others.length > 0 ? [...faults, describeRuns(others)] : faults;
}

/** One worker at a time, and none that is stopped during its run. */
function workerFaults({ workers, stops, lightlyRuns }: Evidence): string[] {
  const faults: string[] = [];
  const inOrder = workers.toSorted((a, b) => a.from - b.from);
  for (const [index, worker] of inOrder.entries()) {
    const next = inOrder[index + 1];
    const overlapMs = next === undefined ? 0 : (worker.to ?? Number.POSITIVE_INFINITY) - next.from;
    if (overlapMs > CLOCK_MS) {
      faults.push(`worker ${index + 2} began ${overlapMs} ms before worker ${index + 1} had ended`);
    }
  }
  for (const { at, reason } of stops) {
    if (workers.some((worker) => holds(worker, at) && !lightlyRuns.some((run) => isDoneBy(run, worker, at)))) {
      faults.push(`the instance was stopped (${reason}) under a worker that had not done its run`);
    }
  }
  return faults;
}

/** The end of a process is detected some milliseconds later. */
const CLOCK_MS = 15;

function holds({ from, to = Number.POSITIVE_INFINITY }: Span, at: number): boolean {
  return from < at && at < to - CLOCK_MS;
}

function isDoneBy(run: Span, worker: Span, at: number): boolean {
  return run.from >= worker.from - CLOCK_MS && run.to !== undefined && run.to <= at + CLOCK_MS;
}

/** A failure is one error with a known code. */
function failureFaults(run: RunRecord): string[] {
  if (run.state === "completed") {
    return [];
  }
  if (run.state !== "failed") {
    return [describeRuns([run])];
  }
  const faults: string[] = [];
  const failed = run.steps.filter(({ state }) => state === "failed");
  const codes = failed.map(({ error }) => error?.code ?? "no code");
  for (const code of new Set([...codes, run.error?.code ?? "no code"])) {
    if (!Object.hasOwn(ERROR_CODES, code) || code === "INTERNAL") {
      faults.push(`a step failed with ${code}: ${failed.find(({ error }) => error?.code === code)?.error?.message}`);
    }
  }
  const failedWork = failed.filter(({ type }) => type !== "lightly-ec2-stop");
  if (failedWork.length > 1) {
    faults.push(`${failedWork.length} steps failed instead of one: ${codes.join(", ")}`);
  }
  return faults;
}

/** Any end is accepted, but nothing may start after it, and there must be no alarm for a stopped instance. */
function overFaults({ runs, startRequests, workerCommandTimes, alarms }: Evidence, expectation: Expectation): string[] {
  const allowed = expectation.alarms ?? 0;
  const closedAt = runs.length === 1 && !expectation.dateIsOff ? closeOf(runs[0]?.steps ?? []) : undefined;
  const behind = (times: readonly number[], what: string): string[] =>
    times
      .filter((at) => closedAt !== undefined && at > closedAt + UNDER_WAY_MS)
      .map((at) => `${what} was asked for ${at - (closedAt ?? 0)} ms behind the end of the run's work`);
  return [
    ...runs.filter(({ state }) => state !== "aborted").flatMap(failureFaults),
    ...behind(startRequests, "a start"),
    ...behind(workerCommandTimes, "a worker's command"),
    ...(alarms.length > allowed
      ? [`${alarms.length} alarms for an instance that is off, where ${allowed || "none"} may be: ${alarms.join("; ")}`]
      : []),
  ];
}

/** How long a request may take that was decided before, because its intent is saved to disk first. */
const UNDER_WAY_MS = 500;

/** When a run no longer needed an instance: its selection was over, or its stop had ended. */
function closeOf(steps: RunRecord["steps"]): number | undefined {
  const ends = steps
    .filter(({ role }) => role === "stop" || role === "select")
    .flatMap(({ endedAt }) => (endedAt === undefined ? [] : [endedAt]));
  return ends.length === 0 ? undefined : Math.min(...ends);
}

/** The stop of every run is requested, once by each stop step. */
function stopFaults({ state, steps }: RunRecord): string[] {
  const stops = steps.filter(({ role }) => role === "stop");
  const senders = stops.map(({ parentStepId }) => parentStepId);
  const isAsked = stops.length > 0 || (state !== "completed" && state !== "failed");
  return [
    ...(isAsked ? [] : [`the run has ${state}, and no stop was asked for`]),
    ...(new Set(senders).size < senders.length
      ? [`a step had the instance stopped twice (${senders.join(", ")})`]
      : []),
  ];
}

/** What will never be cleaned up. */
function remains(evidence: Evidence, { excused = [] }: Expectation): string[] {
  const open = evidence.scheduled.filter(({ state }) => state === "OPEN" || state === "LOCKED");
  return [
    ...(excused.includes("s3") ? [] : evidence.openUploads.map((key) => `a multipart upload of ${key} is left`)),
    ...(excused.includes("lightly") ? [] : open.map(({ id, state }) => `scheduled run ${id} is left ${state}`)),
    ...evidence.partFiles.map((path) => `${path} is left`),
    ...(excused.includes("journal") ? [] : evidence.journalTrouble.map((line) => `journal: ${line}`)),
  ];
}

/** Runs in a few words: `run failed (S3_ACCESS_DENIED): upload to S3 failed`. */
function describeRuns(runs: readonly RunRecord[]): string {
  return runs
    .map(({ state, error, steps }) => {
      const open = steps.filter((step) => step.state !== "completed");
      const said = open.map(({ name, state: how, progress }) => `${name} ${how} ${progress?.state ?? ""}`.trim());
      return `run ${state}${error ? ` (${error.code})` : ""}${said.length > 0 ? `: ${said.join(", ")}` : ""}`;
    })
    .join("; ");
}
