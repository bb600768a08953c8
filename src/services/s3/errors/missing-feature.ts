import { ownEntry } from "../../../errors/own-entry.ts";
import { type AwsErrorFacts, responseElement } from "../../aws/errors/aws-error-facts.ts";
import { quoteAws } from "../../aws/errors/aws-words.ts";
import { isAwsHost, type SentRequest } from "../client/sent-request.ts";

/** Something that S3 can do and not every store or bucket can. */
interface Feature {
  readonly name: string;
  /** The names of the headers by which a request uses it. */
  readonly headers: RegExp;
  /** The words by which messages call it. */
  readonly words: RegExp;
  /** How to do without it, as part of a sentence. */
  readonly without: string;
}

const FEATURES: readonly Feature[] = [
  {
    name: "checksums of requests",
    headers: /^x-amz-(?:checksum-|sdk-checksum-|trailer$|mp-object-size$)/,
    words: /checksum|trailer|aws.?chunked|content-sha256|content-length|\bcrc|integrity/i,
    without: 'choose "when required" for "Checksums" in the AWS account',
  },
  {
    name: "conditional writes",
    headers: /^if-none-match$/,
    words: /none-match|pre-?condition|conditional/i,
    without: 'choose "fail, if found before the upload" for "If key exists" in the node',
  },
  {
    name: "tags",
    headers: /^x-amz-tagging/,
    words: /\btag/i,
    without: 'remove the "Tags" of the node',
  },
  {
    name: "this storage class",
    headers: /^x-amz-storage-class$/,
    words: /storage.?class/i,
    without: 'choose the bucket default for "Storage class" in the node',
  },
  {
    name: "this encryption",
    headers: /^x-amz-server-side-encryption/,
    words: /encrypt|\bkms|\bsse/i,
    without: 'choose the bucket default for "Encryption" in the node',
  },
  {
    name: "access control lists",
    headers: /^x-amz-acl$/,
    words: /\bacls?\b|access ?control/i,
    without: 'choose "none" for "Canned ACL" in the node',
  },
  {
    name: "requester pays",
    headers: /^x-amz-request-payer$/,
    words: /request.?payer|requester/i,
    without: 'clear "Requester pays" in the node',
  },
];
const CHECKSUMS = FEATURES[0] as Feature;

/** Codes by which stores refuse something as not implemented. `XNotImplemented`: StorageGRID; `ExcessHeaderValues`: Google Cloud Storage. */
const NOT_IMPLEMENTED =
  /^(?:X?NotImplemented|NotSupported|UnsupportedHeader|AccessControlListNotSupported|ExcessHeaderValues)$/;
/** Old stores take the CRC32 of a request, or its place in a list of parts, for a fault in the request. */
const CAUSED_BY_CHECKSUMS: Readonly<Record<string, true>> = {
  BadDigest: true,
  InvalidArgument: true,
  InvalidDigest: true,
  InvalidPart: true,
  InvalidRequest: true,
  MalformedXML: true,
  MissingContentLength: true,
  SignatureDoesNotMatch: true,
  XAmzContentChecksumMismatch: true,
  XAmzContentSHA256Mismatch: true,
};

/** Messages with these codes about something that checksums do not affect. */
const NAMES_ANOTHER_REASON = /\bkms\b|object lock|api port|access key|\bacls?\b|bucket-level access|region/i;

/**
 * Explains the refusal of a feature: which one the store lacks, and which field does without it. The feature is named by the response, else it is
 * one of those that the request has used.
 *
 * @returns undefined if the error is not such a refusal
 */
export function explainMissingFeature(
  error: unknown,
  facts: AwsErrorFacts,
  sent: SentRequest | undefined,
): string | undefined {
  const used = FEATURES.filter(({ headers }) => sent?.headers.some((name) => headers.test(name)));
  const argument = responseElement(error, "ArgumentName").toLowerCase();
  const details = `${responseElement(error, "Header")} ${responseElement(error, "additionalMessage")} ${responseElement(error, "AdditionalMessage")} ${facts.message} ${facts.page}`;
  const named = namedFeatures(used, sent?.headers ?? [], details);
  const isOfHeader = facts.httpStatus === 400 && used.some(({ headers }) => headers.test(argument));
  if (!isOfHeader && !isRefusal(facts, details, named)) {
    return isConditionOfStore(facts, sent)
      ? `the store takes the checksums of the request for a condition that is not met (HTTP 412). Probably it does not support them: ${CHECKSUMS.without}.`
      : undefined;
  }
  const quote = quoteAws("s3", { name: facts.name, message: facts.message });
  const header = responseElement(error, "Header");
  const where = sent === undefined || !isAwsHost(sent.hostname) ? "this store" : "this bucket";
  const [only, ...others] = named.length > 0 ? named : used;
  if (only === undefined) {
    return `${where} does not implement this request${header === "" ? "" : ` (header ${header})`}.${quote}`;
  }
  if (others.length === 0) {
    return `${where} does not support ${only.name}${header === "" ? "" : ` (header ${header})`}.${quote} To do without: ${only.without}.`;
  }
  const list = [only, ...others].map(({ name, without }) => `${name} (${without})`).join("; ");
  return `${where} does not support something that the request uses, and does not say which.${quote} It uses ${list}.`;
}

/**
 * What to try if a store that is not AWS refuses a request with checksums for a reason that does not name them; a sentence that begins with a
 * space, or nothing.
 */
export function checksumHint({ name, httpStatus, message }: AwsErrorFacts, sent: SentRequest | undefined): string {
  if (/checksum.{0,80} required/i.test(message)) {
    return ` If "Checksums" in the AWS account is "when required", choose "when supported".`;
  }
  if (NAMES_ANOTHER_REASON.test(message)) {
    return "";
  }
  const isSuspect = ownEntry(CAUSED_BY_CHECKSUMS, name) === true || httpStatus === 411;
  return isSuspect && usesChecksums(sent)
    ? ` If the store does not support checksums of requests, ${CHECKSUMS.without}.`
    : "";
}

function namedFeatures(used: readonly Feature[], headers: readonly string[], details: string): readonly Feature[] {
  const text = details.toLowerCase();
  const byHeader = used.filter((feature) => headers.some((name) => feature.headers.test(name) && text.includes(name)));
  return byHeader.length > 0 ? byHeader : used.filter(({ words }) => words.test(details));
}

function isRefusal({ name, httpStatus = 0 }: AwsErrorFacts, details: string, named: readonly Feature[]): boolean {
  if (httpStatus === 501 || NOT_IMPLEMENTED.test(name)) {
    return true;
  }
  const isUnsupported = /unsupported|not (?:supported|implemented)|does ?n[o']t support|not allow|legacy acl/i.test(
    details,
  );
  return httpStatus >= 400 && httpStatus < 500 && httpStatus !== 403 && isUnsupported && named.length > 0;
}

/** Google Cloud Storage returns 412 to a checksum of the parts, although no condition was sent. */
function isConditionOfStore({ httpStatus }: AwsErrorFacts, sent: SentRequest | undefined): boolean {
  return httpStatus === 412 && usesChecksums(sent) && !sent?.headers.some((name) => /^if-/.test(name));
}

function usesChecksums(sent: SentRequest | undefined): boolean {
  return sent !== undefined && !isAwsHost(sent.hostname) && sent.headers.some((name) => CHECKSUMS.headers.test(name));
}
