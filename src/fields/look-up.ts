import type { ReadProperty } from "./rules/rule.ts";

/** A button next to a field that offers values to choose from. */
export interface LookUp {
  /** The name of the look-up: a key under `lightly-aws.lookup.choose` of the catalogue. */
  readonly what: "buckets" | "prefixes" | "instances" | "datasets" | "labels" | "workers";
  /** The form's field that refers to the account; or, if the form has no such field, the type of any account in the editor. */
  readonly account: string | { readonly anyOf: string };
  /** The values of other fields that the look-up needs; `undefined` while they are missing. */
  readonly query?: (read: ReadProperty) => Readonly<Record<string, string>> | undefined;
  /** The text to show when `query` returns `undefined`: a key under `lightly-aws.lookup`. */
  readonly needs?: string;
  /** Whether the field may have several values, separated by commas. */
  readonly several?: boolean;
  /** Whether a chosen value contains further values: then the list stays open and shows them. */
  readonly nested?: boolean;
  /** Returns the content of the field after a choice. Default: the value itself. */
  readonly fill?: (value: string, before: string) => string;
}

/** Looks up the bucket of an `s3://` URI, and keeps the path behind it. */
export function bucketOfUri(account: LookUp["account"]): LookUp {
  return {
    what: "buckets",
    account,
    fill: (bucket, before) => `s3://${bucket}${/^s3:\/\/[^/]*(\/.*)$/.exec(before)?.[1] ?? ""}`,
  };
}
