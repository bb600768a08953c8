/** Keeps a wait over restarts, so that its limit counts the time before a restart. `T` is what else is known about the wait. */
export interface WaitMemory<T extends object = object> {
  /** The wait that a previous process has saved, and for how long it has lasted by now, in milliseconds. */
  readonly earlier?: (T & { readonly waitedMs: number }) | undefined;
  /** Saves a wait that begins now; `undefined`: it is over. */
  readonly save: (wait: T | undefined) => void;
}
