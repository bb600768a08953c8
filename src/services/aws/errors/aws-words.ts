import { redact } from "../../../errors/redact.ts";
import type { AwsErrorFacts } from "./aws-error-facts.ts";

/** Longest quotation of AWS within a message of ours. */
const QUOTE_LIMIT = 600;
/** Longer messages of AWS consist of an encoded part. */
const READ_LIMIT = 8000;

/** Messages that say no more than the code or the status. */
const EMPTY_WORDS = new Set([
  "",
  "access denied",
  "forbidden",
  "unknown",
  "unknownerror",
  "you are not authorized to perform this operation",
]);

/** What AWS says about a request that it did not authorize. */
export interface Denial {
  /** The IAM action that is missing, which may be of another service: `kms:GenerateDataKey`. */
  readonly action: string;
  /** The ARN of its resource. */
  readonly resource?: string | undefined;
  /** The type of the policy that denies it, or that does not allow it: `service control policy`. */
  readonly policy?: string | undefined;
  readonly isExplicit: boolean;
  /** Whether AWS gives a reason that a further permission does not remove, such as a setting of the bucket. */
  readonly hasOtherReason: boolean;
}

/** The message of AWS without its encoded part, with secrets removed; empty if it says no more than the code. */
export function awsWords({ name, message }: Pick<AwsErrorFacts, "name" | "message">): string {
  const [words = ""] = splitEncoded(message);
  const text = redact(words).replace(/\s+/g, " ").trim();
  const core = text.replace(/\.$/, "").toLowerCase();
  if (EMPTY_WORDS.has(core) || core === name.toLowerCase()) {
    return "";
  }
  return text.length > QUOTE_LIMIT ? `${text.slice(0, QUOTE_LIMIT)}…` : text;
}

/** A sentence that quotes AWS, with a space in front: ` S3 responded: "...".`; empty if AWS says no more than the code. */
export function quoteAws(service: string, facts: Pick<AwsErrorFacts, "name" | "message">): string {
  const words = awsWords(facts);
  return words === "" ? "" : ` ${service.toUpperCase()} responded: "${words.replace(/\.$/, "")}".`;
}

/** The encoded reason of a refusal, for `aws sts decode-authorization-message`. */
export function encodedReason(message: string): string | undefined {
  return /^\s*([\w+/=-]+)/.exec(splitEncoded(message)[1] ?? "")?.[1];
}

/** Reads which action on which resource AWS denies, and by which policy; `undefined` if the message does not say it. */
export function readDenial(message: string): Denial | undefined {
  const text = message.slice(0, READ_LIMIT);
  const action = /not authorized to perform: ([\w-]{1,60}:[\w*]{1,100})/.exec(text)?.[1];
  if (action === undefined) {
    return undefined;
  }
  const [, quoted, bare] = / on resource: (?:"([^"]*)"|([^\s"]+))/.exec(text) ?? [];
  const isElsewhere = text.includes("because the resource does not exist in this Region");
  const absent = isElsewhere ? "resource-based policy" : /because no ([A-Za-z -]{3,40}) allows/.exec(text)?.[1];
  const deny = /with an explicit deny(?: in an? ([A-Za-z-]{3,40}(?: [A-Za-z-]{3,40}){0,3}))?/.exec(text);
  const isExplicit = deny !== null;
  const hasOtherReason = !isExplicit && absent === undefined && / because /.test(text);
  return { action, resource: quoted ?? bare, policy: absent ?? deny?.[1], isExplicit, hasOtherReason };
}

function splitEncoded(message: string): string[] {
  return message.slice(0, READ_LIMIT).split(/Encoded authorization failure message:/i, 2);
}
