import { OBJECT_ID } from "../selection/selection-rules.ts";
import { arrayOf, object } from "../validation/container-rules.ts";
import { findFaults, type Infer, type Rule } from "../validation/schema-rule.ts";
import { flag, integer, orNull, string } from "../validation/value-rules.ts";
import { responseError } from "./lightly-error.ts";
import { jsonOf, type LightlyResponse } from "./send-request.ts";

/** Lightly may add keys to its responses at any time: only the keys that are used are checked. */
const IGNORE_OTHER_KEYS = { otherKeys: "ignored" } as const;
const NAME = string({ min: 1 });
/** Not limited to the known states: an unknown state must not end a run that is progressing. */
const STATE = string({ what: "a state in capitals", pattern: /^[A-Z][A-Z0-9_]*$/ });

const CREATED = object({ id: OBJECT_ID }, {}, IGNORE_OTHER_KEYS);
const DATASETS = arrayOf(object({ id: OBJECT_ID, name: NAME, type: NAME }, {}, IGNORE_OTHER_KEYS));
const WORKERS = arrayOf(
  object({ id: OBJECT_ID, name: NAME, state: STATE, labels: arrayOf(string()) }, {}, IGNORE_OTHER_KEYS),
);
const SCHEDULED_RUNS = arrayOf(
  object({ id: OBJECT_ID, configId: OBJECT_ID, state: STATE }, { createdAt: integer() }, IGNORE_OTHER_KEYS),
);
const RUN = object(
  { id: OBJECT_ID, state: STATE },
  { message: orNull(string()), scheduledId: orNull(string()) },
  IGNORE_OTHER_KEYS,
);
const RUNS = arrayOf(RUN);
const ACCESS = object(
  { canList: flag, canRead: flag, canWrite: flag, canOverwrite: flag },
  {
    errors: orNull(
      object(
        {},
        {
          canList: orNull(string()),
          canRead: orNull(string()),
          canWrite: orNull(string()),
          canOverwrite: orNull(string()),
        },
        IGNORE_OTHER_KEYS,
      ),
    ),
  },
  IGNORE_OTHER_KEYS,
);
const DATASOURCE_LOCATIONS = arrayOf(
  object({ purpose: NAME, fullPath: string() }, { s3ARN: orNull(string()) }, IGNORE_OTHER_KEYS),
);
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
    IGNORE_OTHER_KEYS,
  ),
);

export type Dataset = Infer<typeof DATASETS>[number];
export type Worker = Infer<typeof WORKERS>[number];
export type ScheduledRun = Infer<typeof SCHEDULED_RUNS>[number];
export type Run = Infer<typeof RUN>;
export type DatasourceAccess = Infer<typeof ACCESS>;
export type Tag = Infer<typeof TAGS>[number];

/** Returns the id of a created resource. Each function in this file throws `LIGHTLY_RESPONSE_INVALID` if the response has another structure. */
export function parseCreatedId(response: LightlyResponse): string {
  return parseResponse(response, CREATED).id;
}

export function parseDatasets(response: LightlyResponse): Dataset[] {
  return parseResponse(response, DATASETS);
}

export function parseWorkers(response: LightlyResponse): Worker[] {
  return parseResponse(response, WORKERS);
}

export function parseScheduledRuns(response: LightlyResponse): ScheduledRun[] {
  return parseResponse(response, SCHEDULED_RUNS);
}

export function parseRun(response: LightlyResponse): Run {
  return parseResponse(response, RUN);
}

export function parseRuns(response: LightlyResponse): Run[] {
  return parseResponse(response, RUNS);
}

export function parseTags(response: LightlyResponse): Tag[] {
  return parseResponse(response, TAGS);
}

export function parseDatasourceAccess(response: LightlyResponse): DatasourceAccess {
  return parseResponse(response, ACCESS);
}

/** Returns purpose, location and role of each datasource of a dataset. */
export function parseDatasourceLocations(response: LightlyResponse): Infer<typeof DATASOURCE_LOCATIONS> {
  return parseResponse(response, DATASOURCE_LOCATIONS);
}

/** Parses the JSON of a response, and checks it with `rule`. */
export function parseResponse<T>(response: LightlyResponse, rule: Rule<T>): T {
  const value = jsonOf(response);
  const [fault] = findFaults(rule, value);
  if (fault !== undefined) {
    // The unexpected value is not quoted: it comes from the server, and may contain secrets.
    throw responseError(
      response.endpoint,
      `has an unexpected structure${fault.path === "" ? "" : ` at ${fault.path}`}`,
    );
  }
  return value as T;
}
