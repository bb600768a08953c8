/** A value that a form refuses. */
export interface Case {
  readonly property: string;
  /** A key under `lightly-aws.reason` of the catalogue, or of the editor's own under `validator.errors`. */
  readonly reason: string;
  /** What is typed, pasted or chosen; a list of pairs is put in row by row. */
  readonly bad: string | readonly (readonly [string, string])[];
  /** What the reason mentions; whatever is left out here may be anything. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** Of which type a typed input is, if not of the one that it is at first. */
  readonly as?: string;
  /** What is chosen or typed elsewhere, so that the field counts. */
  readonly when?: Readonly<Record<string, string>>;
  /** What corrects it, if not what was there before. */
  readonly good?: string;
  /** What a node keeps of the bad value, if that is not what was typed. */
  readonly stored?: unknown;
  /** Where in the value it is, as the reason says between label and reason. */
  readonly within?: string;
  /** Whether nothing else may be wrong at the same time, since another field depends on this one. */
  readonly alone?: boolean;
  /** Node-RED looks at credentials in the open form only: the saved node does not carry their reasons. */
  readonly isCredential?: boolean;
}

/** The refused values of one node type. */
export interface CasesOfType {
  /** What a node needs on top of its defaults to be without a fault. */
  readonly base: Readonly<Record<string, unknown>>;
  readonly cases: readonly Case[];
}

/** A property that must not be blank. */
export const missing = (property: string, more: Partial<Case> = {}): Case => ({
  property,
  reason: "missing",
  bad: "",
  ...more,
});

/** A number that must be there and lie between two limits. */
export function number(property: string, min: number, max: number, more: Partial<Case> = {}): readonly Case[] {
  const beyond = { property, reason: "numberRange", bad: String(max + 1), values: { min, max } };
  return [missing(property, more), { ...beyond, ...more }];
}

/** A whole number that must be there and lie between two limits. */
export function whole(property: string, min: number, max: number, more: Partial<Case> = {}): readonly Case[] {
  const between = { property, reason: "wholeRange", bad: "1.5", values: { min, max } };
  return [missing(property, more), { ...between, ...more }];
}

/** How often each step tries again. */
export const retries: readonly Case[] = [...whole("retries", 0, 20), ...number("retrySeconds", 0.1, 3600)];

/** An account that is not chosen, and one that is not fit for use itself. */
export const account = (property = "account", more: Partial<Case> = {}): readonly Case[] => [
  { property, reason: "missing-required-prop", bad: "_ADD_", stored: "", ...more },
];
