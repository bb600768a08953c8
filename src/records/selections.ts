import { ownEntry } from "../errors/own-entry.ts";
import type { RunRecord, StepRecord } from "./run-record.ts";

interface Common {
  readonly stepId: string;
  readonly nodeId: string;
  /** The number of selected frames, if the record has it. */
  readonly selected?: number;
}

/** A selection of Lightly's platform: a tag of a dataset. */
export interface PlatformSelection extends Common {
  readonly engine: "platform";
  readonly datasetId: string;
  readonly tagId: string;
  readonly tag?: string;
  /** The worker run, whose report contains the distances. */
  readonly workerRunId?: string;
}

/** A selection of LightlyStudio: a run with a manifest in `<output>/<studioRunId>/`. */
export interface StudioSelection extends Common {
  readonly engine: "studio";
  readonly output: string;
  readonly studioRunId: string;
  /** The numbers of videos and frames that the run has read, if the record has them. */
  readonly counts?: Readonly<Record<string, number>>;
}

/** A selection as the record of a step describes it, whichever engine made it. */
export type Selection = PlatformSelection | StudioSelection;

/** Returns the selections that a run has made or, if there are none, those that it has read. */
export function selectionsOf({ steps }: Pick<RunRecord, "steps">): Selection[] {
  const completed = steps.filter(({ state, replacedBy }) => state === "completed" && replacedBy === undefined);
  const made = completed.filter(({ role }) => role === "select").flatMap(selectionOf);
  return made.length > 0 ? made : completed.filter(({ role }) => role === "results").flatMap(selectionOf);
}

/** Returns the selection that a step has made or read: none, or one. */
export function selectionOf(step: StepRecord): Selection[] {
  const lightly = recordOf(step.result?.lightly);
  const facts = step.role === "results" ? recordOf(lightly.selection) : lightly;
  return facts.engine === "studio" ? studioSelection(step, facts) : platformSelection(step, facts);
}

function platformSelection({ stepId, nodeId }: StepRecord, facts: Readonly<Record<string, unknown>>): Selection[] {
  const { datasetId, workerRunId, tag } = facts;
  const { tagId = facts.tagId, name = tag, selectedCount: selected = facts.count } = recordOf(tag);
  if (!isId(datasetId) || !isId(tagId)) {
    return [];
  }
  return [
    {
      engine: "platform",
      ...{ stepId, nodeId, datasetId, tagId },
      ...(isId(name) && { tag: name }),
      ...(isId(workerRunId) && { workerRunId }),
      ...(isCount(selected) && { selected }),
    },
  ];
}

/** The location comes from the checkpoint, in which the step notes what its form said: a message can't change it. */
function studioSelection(
  { stepId, nodeId, checkpoint = {} }: StepRecord,
  facts: Readonly<Record<string, unknown>>,
): Selection[] {
  const [output, studioRunId] = ["output", "studioRunId"].map((name) => ownEntry(checkpoint, name));
  if (!isId(output) || !isId(studioRunId)) {
    return [];
  }
  const counts = Object.fromEntries(
    Object.entries(recordOf(facts.counts)).filter((entry): entry is [string, number] => isCount(entry[1])),
  );
  const selected = ownEntry(counts, "selected") ?? facts.count;
  return [
    {
      engine: "studio",
      ...{ stepId, nodeId, output, studioRunId },
      ...(Object.keys(counts).length > 0 && { counts }),
      ...(isCount(selected) && { selected }),
    },
  ];
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
