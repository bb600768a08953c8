import { type DelayPolicy, eagerDelay } from "../../../polling/delay.ts";

/** The poll interval while an instance costs money, unless the form has another one. */
export const PAID_POLL_MS = 1000;

/**
 * Delays of a wait during which an instance costs money: up to a second, shorter at the start. The requests of all runs share a `Pace`, so
 * that a short interval does not mean many requests.
 *
 * @param chosenMs - the poll interval of the form; undefined if the form has none
 */
export function paidPollDelay(chosenMs: number | undefined): DelayPolicy {
  return eagerDelay(chosenMs ?? PAID_POLL_MS);
}
