import { type Command, type Invocation, isFinal } from "./command.ts";

/** A number, or a percentage of the targets, as the API accepts it. */
export const CONCURRENCY = /^(?:[1-9]\d*|[1-9]\d?%|100%)$/;
export const ERRORS = /^(?:0|[1-9]\d*|\d%|[1-9]\d%|100%)$/;

/** The invocations to which a command may be sent now: in their order, as many at a time as `MaxConcurrency` allows. */
export function sendable({ invocations, maxConcurrency }: Command): Invocation[] {
  const limit = Math.max(1, numberOf(maxConcurrency, invocations.length));
  return invocations.filter((one) => !isFinal(one)).slice(0, limit);
}

/**
 * The invocations that end without being sent, because there were more errors than `MaxErrors`. Scripts that run already continue. Neither a
 * delivery that timed out nor a cancellation counts as an error.
 */
export function unsendable(command: Command): Invocation[] {
  const { invocations, maxErrors } = command;
  const errors = invocations.filter(({ statusDetails }) => /^(?:Failed|ExecutionTimedOut)$/.test(statusDetails)).length;
  return errors > numberOf(maxErrors, invocations.length)
    ? invocations.filter((one) => one.status === "Pending" && one.sentAt === undefined)
    : [];
}

function numberOf(text: string, targets: number): number {
  const number = Number.parseInt(text, 10);
  return text.endsWith("%") ? Math.floor((targets * number) / 100) : number;
}
