/** A value that a form refuses. */
export interface Case {
  readonly property: string;
  /** A key under `lightly-aws.reason` of the catalog, or of the editor's own under `validator.errors`. */
  readonly reason: string;
  /** The typed, pasted or chosen value; a list of pairs is entered row by row. */
  readonly bad: string | readonly (readonly [string, string])[];
  /** The values in the reason; missing values may be anything. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** The type of a typed input, if not the default. */
  readonly as?: string;
  /** The values of other fields, so that the field applies. */
  readonly when?: Readonly<Record<string, string>>;
  /** A valid value, if not the previous one. */
  readonly good?: string;
  /** The saved invalid value, if it is not the typed one. */
  readonly stored?: unknown;
  /** The position in the value, as shown between label and reason. */
  readonly within?: string;
  /** Whether no other field may be invalid at the same time, because another field depends on this one. */
  readonly alone?: boolean;
  /** Node-RED validates credentials only in the open form: the saved node does not have their reasons. */
  readonly isCredential?: boolean;
}

/** The refused values of one node type. */
export interface CasesOfType {
  /** The values that make a node with its defaults valid. */
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

/** A required number between two limits. */
export function number(property: string, min: number, max: number, more: Partial<Case> = {}): readonly Case[] {
  const beyond = { property, reason: "numberRange", bad: String(max + 1), values: { min, max } };
  return [missing(property, more), { ...beyond, ...more }];
}

/** A required whole number between two limits. */
export function whole(property: string, min: number, max: number, more: Partial<Case> = {}): readonly Case[] {
  const between = { property, reason: "wholeRange", bad: "1.5", values: { min, max } };
  return [missing(property, more), { ...between, ...more }];
}

/** The number of retries of each step. */
export const retries: readonly Case[] = [...whole("retries", 0, 20), ...number("retrySeconds", 0.1, 3600)];

/** The connections of an account. */
export const connection: readonly Case[] = [
  { property: "proxy", reason: "proxyAddress", bad: "proxy.example.com", good: "none", isCredential: true },
  { property: "caFile", reason: "absolutePath", bad: "company-ca.pem" },
];

/** An account that is not chosen, and an invalid one. */
export const account = (property = "account", more: Partial<Case> = {}): readonly Case[] => [
  { property, reason: "missing-required-prop", bad: "_ADD_", stored: "", ...more },
];
