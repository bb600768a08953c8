import type { ReadProperty } from "./rules/rule.ts";
import { partsOfS3Uri } from "./rules/s3.ts";

/** A button next to a field that offers values to choose from. */
export interface LookUp {
  /** The name of the look-up: a key under `lightly-aws.lookup.choose` of the catalog. */
  readonly what:
    | "batchDefinitions"
    | "batchQueues"
    | "bucketRegions"
    | "buckets"
    | "datasets"
    | "instances"
    | "labels"
    | "prefixes"
    | "regions"
    | "roles"
    | "workers";
  /**
   * The form's field that refers to the account; or, if the form has no such field, the type of any account in the editor; or `form`: the
   * form is that of an account, used with its current values, apart from those that do not count for the look-up.
   */
  readonly account: string | { readonly anyOf: string } | { readonly form: { readonly without: readonly string[] } };
  /** The values of other fields that the look-up needs; `undefined` while they are missing. */
  readonly query?: (read: ReadProperty) => Readonly<Record<string, string>> | undefined;
  /** The text to show when `query` returns `undefined`: a key under `lightly-aws.lookup`. */
  readonly needs?: string;
  /** The values to offer if the look-up fails, with the reason. */
  readonly known?: readonly string[];
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

/** Looks up the prefixes in the bucket of the field `bucket`. A bucket of a message or variable is not known in the form. */
export function prefixesOf(account: LookUp["account"]): LookUp {
  return {
    what: "prefixes",
    account,
    query: (read) => {
      const name = String(read("bucket") ?? "").trim();
      const isText = read("bucketType") === "str" && name !== "" && !name.startsWith("$");
      return isText ? { bucket: name, folder: String(read("prefix") ?? "").trim() } : undefined;
    },
    needs: "bucket",
    nested: true,
  };
}

/** The query for the regions of the buckets in fields with an `s3://` URI; undefined if no bucket is known in the form. */
export function bucketsIn(
  read: ReadProperty,
  ...fields: readonly string[]
): Readonly<Record<string, string>> | undefined {
  const named = fields.flatMap((field) => {
    const parts = read(`${field}Type`) === "str" ? partsOfS3Uri(String(read(field) ?? "").trim()) : undefined;
    return parts === undefined ? [] : [[field, parts.bucket] as const];
  });
  return named.length === 0 ? undefined : Object.fromEntries(named);
}
