import type { Entry, Filling } from "./fill-field.ts";

/** Two rounds through a form that put something into each field that is not its default. */
export interface Rounds {
  /** Typed in, chosen and looked up. */
  readonly typed: Filling;
  /** Typed inputs whose value comes from elsewhere, and the choices that this needs. */
  readonly elsewhere: Filling;
}

/** Fillings of some node types. */
export type Fillings = Readonly<Record<string, Rounds>>;

/** Text in a typed input. */
export const text = (typed: string): Entry => ({ typed, as: "str" });

/** What a typed input takes from elsewhere, such as `msg`. */
export const from = (as: string, typed: string): Entry => ({ typed, as });

/** The look-up of buckets. */
export const bucket = (gives: string): Entry => ({ lookUp: "Choose a bucket", options: [/^lightly-output/], gives });

/** How often each step tries again. */
export const retries: Filling = [
  ["retries", { text: "7" }],
  ["retrySeconds", { text: "2.5" }],
];
