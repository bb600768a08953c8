import type { Entry, Filling } from "./fill-field.ts";

/** Two rounds through a form that change each field from its default. */
export interface Rounds {
  /** Entered, chosen and looked up. */
  readonly typed: Filling;
  /** Typed inputs of other types, and the choices that they need. */
  readonly elsewhere: Filling;
}

/** The entries of some node types. */
export type Fillings = Readonly<Record<string, Rounds>>;

/** Text in a typed input. */
export const text = (typed: string): Entry => ({ typed, as: "str" });

/** A value of another type of a typed input, such as `msg`. */
export const from = (as: string, typed: string): Entry => ({ typed, as });

/** The look-up of buckets. */
export const bucket = (gives: string): Entry => ({ lookUp: "Choose a bucket", options: [/^lightly-output/], gives });

/** The number of retries of each step. */
export const retries: Filling = [
  ["retries", { text: "7" }],
  ["retrySeconds", { text: "2.5" }],
];
