/**
 * The poll interval while an instance costs money, in milliseconds, unless the form has another one. The requests of all runs share a
 * `Pace`, so that a short interval does not mean many requests.
 */
export const PAID_POLL_MS = 1000;
/** The same while it starts: a start takes about a minute, so that twice as many requests are still few. */
export const START_POLL_MS = 500;
