import { splitWords } from "../services/ssm/split-words.ts";

/** Why a text is refused: a key under `lightly-aws.reason` of the catalogue, and what it mentions. */
export interface Reason {
  readonly key: string;
  readonly values?: Readonly<Record<string, unknown>>;
}

/** Looks at a text that is not blank; `undefined` means that it is fine. */
export type Rule = (text: string) => Reason | undefined;

function matching(pattern: RegExp, key: string): Rule {
  return (text) => (pattern.test(text) ? undefined : { key });
}

/** A number between two limits, both included. */
export function numberFrom(min: number, max = Number.POSITIVE_INFINITY, options: { whole?: boolean } = {}): Rule {
  return (text) => {
    const value = Number(text);
    if (Number.isFinite(value) && value >= min && value <= max && (!options.whole || Number.isInteger(value))) {
      return undefined;
    }
    const kind = options.whole ? "whole" : "number";
    return max === Number.POSITIVE_INFINITY
      ? { key: `${kind}Min`, values: { min } }
      : { key: `${kind}Range`, values: { min, max } };
  };
}

export const region = matching(/^[a-z]{2,5}(-[a-z]+)+-\d{1,2}$/, "region");

/** Lightly's own list has two regions without a number. */
export const lightlyRegion = matching(/^[a-z]{2}(-[a-z]+)+(-\d)?$/, "region");

const RESERVED_BUCKET = /^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/;

/** S3's naming rules for general purpose buckets. */
export const bucket: Rule = (text) => {
  const legal =
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(text) && !text.includes("..") && !/^\d+\.\d+\.\d+\.\d+$/.test(text);
  return legal && !RESERVED_BUCKET.test(text) ? undefined : { key: "bucket" };
};

/** `s3://bucket` or `s3://bucket/prefix`. */
export const s3Uri: Rule = (text) => {
  const name = /^s3:\/\/([^/]+)(\/.*)?$/.exec(text)?.[1];
  return name !== undefined && bucket(name) === undefined ? undefined : { key: "s3Uri" };
};

/** Instance ids, separated by commas. */
export const instanceIds: Rule = (text) =>
  text.split(",").every((id) => /^i-([0-9a-f]{8}|[0-9a-f]{17})$/.test(id.trim())) ? undefined : { key: "instanceIds" };

export const datasetName = matching(/^[a-zA-Z0-9][a-zA-Z0-9 _-]{2,}$/, "datasetName");

export const roleArn = matching(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/, "roleArn");

/** Lightly takes roles of the commercial partition only. */
export const lightlyRoleArn = matching(/^arn:aws:iam::\d{12}:role\/.+$/, "roleArn");

/** What STS takes. */
export const externalId = matching(/^[\w+=,.@:/-]{2,1224}$/, "externalId");

/** What Lightly takes: ten characters at least, so that it can't be guessed. */
export const lightlyExternalId = matching(/^[a-zA-Z0-9_+=,.@:/-]{10,}$/, "lightlyExternalId");

export const webAddress: Rule = (text) => (/^https?:$/.test(protocolOf(text)) ? undefined : { key: "webAddress" });

function protocolOf(text: string): string {
  try {
    return new URL(text).protocol;
  } catch {
    return "";
  }
}

export const mediaType = matching(/^[\w.+-]+\/[\w.+-]+(\s*;.*)?$/, "mediaType");

export const dockerImage = matching(/^[a-zA-Z0-9][\w.\-/:@]*$/, "dockerImage");

export const gpuIds = matching(/^[a-zA-Z0-9-]+(\s*,\s*[a-zA-Z0-9-]+)*$/, "gpuIds");

/** The name or ARN of a parameter or a secret, and nothing that the AWS CLI would take for a file or an address. */
export const secretName = matching(/^[\w/](?!.*:\/\/)[\w/.:+=@-]*$/, "secretName");

/** Words as in a shell, each quote closed. */
export const shellWords: Rule = (text) => {
  try {
    splitWords(text);
    return undefined;
  } catch {
    return { key: "openQuote" };
  }
};

export const absolutePath = matching(/^[/~]/, "absolutePath");

function parseJson(text: string): { readonly value: unknown } | { readonly fault: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

/** JSON text whose value passes `fits`; `key` is the reason when it does not. */
function jsonThat(fits: (value: unknown) => boolean, key: string): Rule {
  return (text) => {
    const parsed = parseJson(text);
    if ("fault" in parsed) {
      return { key: "json", values: { fault: parsed.fault } };
    }
    return fits(parsed.value) ? undefined : { key };
  };
}

export const jsonObject = jsonThat(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  "jsonObject",
);

export const jsonTexts = jsonThat(
  (value) => Array.isArray(value) && value.every((item) => typeof item === "string" || typeof item === "number"),
  "jsonTexts",
);

const KEY_PLACEHOLDERS = ["prefix", "random", "basename", "name", "extension", "date", "runId"];

/** A template of an object key. */
export const keyTemplate: Rule = (text) => {
  const unknown = [...text.matchAll(/\{([^{}]*)\}/g)].find((match) => !KEY_PLACEHOLDERS.includes(match[1] ?? ""));
  if (unknown) {
    const known = KEY_PLACEHOLDERS.map((name) => `{${name}}`).join(" ");
    return { key: "keyTemplate", values: { found: unknown[0], known } };
  }
  return undefined;
};
