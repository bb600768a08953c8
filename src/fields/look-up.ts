import type { ReadProperty } from "./rules/rule.ts";

/** What a button beside a field offers to choose from. */
export interface LookUp {
  /** What is looked up: a key under `lightly-aws.lookup.choose` of the catalogue. */
  readonly what: "buckets" | "prefixes" | "instances" | "datasets" | "labels" | "workers";
  /** The form's field that refers to the account; or the type of any account in the editor, where the form has no such field. */
  readonly account: string | { readonly anyOf: string };
  /** What the look-up needs of other fields; `undefined` while that is not typed in. */
  readonly query?: (read: ReadProperty) => Readonly<Record<string, string>> | undefined;
  /** What to say when `query` has nothing; a key under `lightly-aws.lookup`. */
  readonly needs?: string;
  /** Whether the field takes several, separated by commas. */
  readonly several?: boolean;
  /** Whether what was chosen contains more to choose: the list stays open and shows it. */
  readonly nested?: boolean;
  /** What the field contains after a choice, if that is not the value itself. */
  readonly fill?: (value: string, before: string) => string;
}
