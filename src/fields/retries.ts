import type { Fields } from "./field.ts";
import { seconds, whole } from "./kinds.ts";

/**
 * How often and how soon a step is retried after a retryable error. A flow of a release without these fields never retries.
 */
export const retryFields = {
  retries: whole({
    value: 2,
    whenAbsent: 0,
    min: 0,
    max: 20,
    icon: "history",
    advanced: true,
    label: "lightly-aws.retry.retries",
  }),
  retrySeconds: seconds({
    value: 10,
    min: 0.1,
    max: 3600,
    advanced: true,
    inRowOf: "retries",
    label: "lightly-aws.retry.seconds",
  }),
};

/** The fields of a step: its own, and the retries. */
export function stepFields<const F extends Fields>(fields: F): F & typeof retryFields {
  return { ...fields, ...retryFields };
}
