import { ownEntry } from "../../errors/own-entry.ts";
import type { Fact } from "./fact.ts";

/** By kind, what a fact must have for its listeners. */
const RULES: Readonly<Record<string, (fact: Record<string, unknown>) => boolean>> = {
  "command-started": ({ instanceId, commandId }) => isText(instanceId) && isText(commandId),
  "command-ended": ({ instanceId, commandId, succeeded, summary }) =>
    isText(instanceId) && isText(commandId) && typeof succeeded === "boolean" && isText(summary),
  "instances-started": ({ instanceIds }) => areTexts(instanceIds),
  "instances-stopping": ({ instanceIds }) => areTexts(instanceIds),
  "instances-stopped": ({ instanceIds }) => areTexts(instanceIds),
  "instances-lost": ({ instanceIds, state }) => areTexts(instanceIds) && isText(state),
  "instances-released": ({ instanceIds }) => areTexts(instanceIds),
  selection: ({ state }) => state === "awaited" || state === "over",
};

/** Whether what the journal holds is a fact that this version knows. */
export function isKnownFact(fact: unknown): fact is Fact {
  if (typeof fact !== "object" || fact === null || !("kind" in fact) || typeof fact.kind !== "string") {
    return false;
  }
  return ownEntry(RULES, fact.kind)?.({ ...fact }) ?? false;
}

function areTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
