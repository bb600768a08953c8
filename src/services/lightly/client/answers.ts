import { OBJECT_ID } from "../selection/selection-rules.ts";
import { arrayOf, object } from "../validation/container-rules.ts";
import { faultsOf, type Infer, type Rule } from "../validation/rule.ts";
import { integer, orNull, string } from "../validation/value-rules.ts";
import { responseError } from "./lightly-error.ts";
import { jsonOf, type LightlyAnswer } from "./send-request.ts";

/** Answers may grow keys at any time: only those that we use are looked at. */
const GROWING = { otherKeys: "ignored" } as const;
const NAME = string({ min: 1 });
/** States are not held to today's list: one that is new to us must not end a run that goes well. */
const STATE = string({ what: "a state in capitals", pattern: /^[A-Z][A-Z0-9_]*$/ });

const CREATED = object({ id: OBJECT_ID }, {}, GROWING);
const DATASETS = arrayOf(object({ id: OBJECT_ID, name: NAME, type: NAME }, {}, GROWING));
const WORKERS = arrayOf(object({ id: OBJECT_ID, name: NAME, state: STATE, labels: arrayOf(string()) }, {}, GROWING));
const SCHEDULED_RUNS = arrayOf(
  object({ id: OBJECT_ID, configId: OBJECT_ID, state: STATE }, { createdAt: integer() }, GROWING),
);
const RUN = object({ id: OBJECT_ID, state: STATE }, { message: orNull(string()) }, GROWING);
const TAGS = arrayOf(
  object(
    {
      id: OBJECT_ID,
      datasetId: OBJECT_ID,
      name: NAME,
      bitMaskData: string({ what: "a bit mask like 0x3", pattern: /^0x[a-fA-F0-9]+$/ }),
      totSize: integer({ min: 0 }),
      createdAt: integer(),
    },
    { prevTagId: orNull(OBJECT_ID), runId: orNull(string()) },
    GROWING,
  ),
);

export type Dataset = Infer<typeof DATASETS>[number];
export type Worker = Infer<typeof WORKERS>[number];
export type ScheduledRun = Infer<typeof SCHEDULED_RUNS>[number];
export type Run = Infer<typeof RUN>;
export type Tag = Infer<typeof TAGS>[number];

/** The id in the answer to a creation. Each function of this file throws `LIGHTLY_RESPONSE_INVALID` for an answer of another form. */
export function createdId(answer: LightlyAnswer): string {
  return parsed(answer, CREATED).id;
}

export function datasetsIn(answer: LightlyAnswer): Dataset[] {
  return parsed(answer, DATASETS);
}

export function workersIn(answer: LightlyAnswer): Worker[] {
  return parsed(answer, WORKERS);
}

export function scheduledRunsIn(answer: LightlyAnswer): ScheduledRun[] {
  return parsed(answer, SCHEDULED_RUNS);
}

export function runIn(answer: LightlyAnswer): Run {
  return parsed(answer, RUN);
}

export function tagsIn(answer: LightlyAnswer): Tag[] {
  return parsed(answer, TAGS);
}

/** The JSON of an answer that has the form of `rule`. */
export function parsed<T>(answer: LightlyAnswer, rule: Rule<T>): T {
  const value = jsonOf(answer);
  const [fault] = faultsOf(rule, value);
  if (fault !== undefined) {
    // What stands there instead is not told: it is the server's text, uncleaned.
    throw responseError(answer.endpoint, `has an unexpected form${fault.path === "" ? "" : ` at ${fault.path}`}`);
  }
  return value as T;
}
