import { numberFrom } from "./rules.ts";
import { field } from "./validators.ts";

/**
 * The properties of a step that say how often and how soon it is tried again after an error that may pass; the same in each step's
 * form. A flow of a release that did not have them never tries again, and its form has to say so.
 */
export function retryFields(type: string): Record<"retries" | "retrySeconds", NodePropertyDefinition> {
  const label = (key: string): string => RED._(`node-red-contrib-lightly-aws/${type}:lightly-aws.retry.${key}`);
  return {
    retries: {
      value: 2,
      whenAbsent: 0,
      label: label("retries"),
      validate: field({ required: true, rule: numberFrom(0, 20, { whole: true }) }),
    },
    retrySeconds: {
      value: 10,
      label: label("seconds"),
      validate: field({ required: true, rule: numberFrom(0.1, 3600) }),
    },
  };
}
