import { isObject, isOrdinary, isRun } from "./check-run.ts";
import {
  JOURNAL_VERSION,
  type JournalChange,
  type JournalEvents,
  type JournalOutcome,
  type JournalRun,
  type JournalStep,
} from "./journal-run.ts";

/**
 * The members of a step that are large, and that do not change while they are there. A line of a change names them in `unchanged` if an
 * earlier line of the file has them: otherwise each video of a sequence would write the list of all videos again.
 */
const LARGE = ["message", "omitted", "items"] as const;

/** The content of a file: a run, a run of a later version of this package, or neither. */
export type JournalContent = { readonly run: JournalRun } | { readonly newer: unknown } | { readonly damage: string };

/**
 * Writes the lines of a run's file: the first line is a whole run with an id, each further line is a change of that run. A change of
 * another id belongs to a file that was replaced since, and is ignored.
 */
export class RunLines {
  readonly #id: string;
  /** The large members that the file has, with the id of their step: a retried step has the message of the one before. */
  readonly #written = new WeakMap<object, string>();

  /** @param id - unique for each first line */
  constructor(id: string) {
    this.#id = id;
  }

  whole(run: JournalRun): string {
    for (const step of run.steps) {
      this.#addLarge(step);
    }
    return `${JSON.stringify({ ...run, version: JOURNAL_VERSION, id: this.#id })}\n`;
  }

  change({ steps, ...change }: JournalChange): string {
    return `${JSON.stringify({ of: this.#id, ...change, steps: steps.map((step) => this.#withoutUnchanged(step)) })}\n`;
  }

  #withoutUnchanged(step: JournalStep): object {
    const unchanged = LARGE.filter((name) => this.#has(step, step[name]));
    this.#addLarge(step);
    if (unchanged.length === 0) {
      return step;
    }
    return { ...step, ...Object.fromEntries(unchanged.map((name) => [name, undefined])), unchanged };
  }

  #has({ stepId }: JournalStep, member: unknown): boolean {
    return typeof member === "object" && member !== null && this.#written.get(member) === stepId;
  }

  #addLarge(step: JournalStep): void {
    for (const member of LARGE.map((name) => step[name])) {
      if (typeof member === "object" && member !== null) {
        this.#written.set(member, step.stepId);
      }
    }
  }
}

/**
 * Reads the text of a file. In a run that it returns, each member that this package reads has the right type. A last line that a killed
 * process or a full disk has left incomplete is ignored: nothing relies on a change before its line is complete.
 */
export function readRunLines(text: string): JournalContent {
  const [first = "", ...others] = text.split("\n");
  const run = parsed(first);
  if (!run) {
    return { damage: "is not JSON" };
  }
  if (typeof run.version !== "number") {
    return { damage: "is not a run" };
  }
  if (run.version > JOURNAL_VERSION) {
    return { newer: run.version };
  }
  const lines = others.filter((line) => line !== "").map(parsed);
  if (lines.at(-1) === undefined) {
    lines.pop();
  }
  const content = withChanges(run, lines);
  if (content === undefined || !isOrdinary(content)) {
    return { damage: "has a line that is not a change, is nested too deeply, or has a reserved name" };
  }
  return isRun(content) ? { run: content } : { damage: "is not a complete run" };
}

/** A line, of which nothing is known yet. */
type Line = Readonly<Record<string, unknown>>;

/** A line with a change, as it is in the file. */
interface ChangeLine extends JournalOutcome {
  readonly of: string;
  readonly events?: JournalEvents;
  readonly steps: readonly StepLine[];
}

type StepLine = JournalStep & { readonly unchanged?: ReadonlyArray<(typeof LARGE)[number]> };

function parsed(line: string): Line | undefined {
  try {
    const content: unknown = JSON.parse(line);
    return isObject(content) ? content : undefined;
  } catch {
    return undefined;
  }
}

/** The run after all changes; undefined if a line is not a change. */
function withChanges({ id, ...run }: Line, lines: ReadonlyArray<Line | undefined>): Line | undefined {
  if (lines.length === 0) {
    return run;
  }
  if (!lines.every(isChange) || !areSteps(run.steps)) {
    return undefined;
  }
  const steps = new Map(run.steps.map((step) => [step.stepId, step]));
  let { events = [], outcome } = { events: run.events, outcome: outcomeOf(run) };
  for (const line of lines.filter(({ of }) => of === id)) {
    for (const step of line.steps) {
      steps.set(step.stepId, withUnchanged(step, steps.get(step.stepId)));
    }
    if (line.events && Array.isArray(events)) {
      events = [...events.slice(0, line.events.kept), ...line.events.added];
    }
    outcome = outcomeOf(line);
  }
  return { ...run, ...outcome, events, steps: [...steps.values()] };
}

function outcomeOf(line: Line | ChangeLine): JournalOutcome {
  const { endedAt, abortReason, isAbandoned, passStart, catchPending, failedStepId } = line as JournalOutcome;
  return { endedAt, abortReason, isAbandoned, passStart, catchPending, failedStepId };
}

function withUnchanged({ unchanged = [], ...step }: StepLine, before: JournalStep | undefined): JournalStep {
  return { ...step, ...Object.fromEntries(unchanged.map((name) => [name, before?.[name]])) };
}

/** What is needed to apply a line. The members of the resulting run are checked afterwards. */
function isChange(line: Line | undefined): line is Line & ChangeLine {
  return (
    line !== undefined &&
    typeof line.of === "string" &&
    (line.events === undefined || isEventsChange(line.events)) &&
    areSteps(line.steps)
  );
}

function isEventsChange(events: unknown): boolean {
  return isObject(events) && Number.isSafeInteger(events.kept) && Array.isArray(events.added);
}

function areSteps(steps: unknown): steps is StepLine[] {
  return (
    Array.isArray(steps) &&
    steps.every(
      (step) =>
        isObject(step) &&
        typeof step.stepId === "string" &&
        (step.unchanged === undefined || (Array.isArray(step.unchanged) && step.unchanged.every(isLarge))),
    )
  );
}

function isLarge(name: unknown): boolean {
  return (LARGE as readonly unknown[]).includes(name);
}
