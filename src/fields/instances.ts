import { choice, list, pairs } from "./kinds.ts";
import { instanceId } from "./rules/aws.ts";

const SEPARATOR = /[\s,]+/;

/** The ids of EC2 instances. */
export function instanceIds(options: Parameters<typeof list>[0] = {}) {
  return list({
    icon: "server",
    placeholder: "i-0123456789abcdef0",
    typed: "str",
    required: true,
    rule: instanceId,
    separator: SEPARATOR,
    lookUp: { what: "instances", account: "account", several: true },
    ...options,
  });
}

/** The fields that select EC2 instances, by their ids or by tags. */
export const instanceFields = {
  select: choice(["ids", "tags"], { icon: "crosshairs" }),
  instanceIds: instanceIds({ when: { select: ["ids"] } }),
  tags: pairs("key", { icon: "tags", when: { select: ["tags"] }, required: true, hint: true }),
};
