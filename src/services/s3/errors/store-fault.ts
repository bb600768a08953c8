import type { ErrorCode } from "../../../errors/error-codes.ts";
import { type AwsErrorFacts, responseElement } from "../../aws/errors/aws-error-facts.ts";
import { quoteAws } from "../../aws/errors/aws-words.ts";
import { isAwsHost, type SentRequest } from "../client/sent-request.ts";

/** An explained error. */
export interface StoreFault {
  readonly code: ErrorCode;
  readonly explanation: string;
  readonly retryable?: boolean;
}

/** Stores whose disk or quota is full, or whose bill is not paid. */
const FULL =
  /^(?:QuotaExceeded|StorageLimitExceeded|StorageFull|InsufficientStorage|XMinioStorageFull|XMinioAdminBucketQuotaExceeded|ServiceQuotaExceeded(?:Exception)?|TooManyParts|PaymentRequired)$/;

/** Backblaze B2 and Storj say it with AccessDenied. */
const FULL_WORDS = /\b(?:cap|limit|quota) exceeded\b|\bexceeded (?:[a-z]+ ){0,2}(?:cap|limit|quota)\b/i;

/** Alibaba Cloud, Tencent Cloud and others take no bucket in the path. */
const WANTS_BUCKET_HOST = /SecondLevelDomainForbidden|PathStyleDomainForbidden|virtual.?host/i;

/**
 * Explains what happens in front of a store rather than in S3: its host is not found, its certificate is for another name, a gateway limits
 * requests, its disk is full.
 */
export function explainStoreFault(
  error: unknown,
  facts: AwsErrorFacts,
  options: { readonly bucket: string | undefined; readonly sent: SentRequest | undefined },
): StoreFault | undefined {
  return (
    explainHost(error, facts, options) ??
    explainEndpoint(error, facts, options) ??
    explainGateway(facts) ??
    explainFull(facts) ??
    explainArchived(error, facts)
  );
}

function explainHost(
  error: unknown,
  { systemCode, name, message, httpStatus }: AwsErrorFacts,
  { bucket, sent }: { readonly bucket: string | undefined; readonly sent: SentRequest | undefined },
): StoreFault | undefined {
  if (httpStatus !== undefined && WANTS_BUCKET_HOST.test(`${name} ${message}`)) {
    return {
      code: "S3_FEATURE_UNSUPPORTED",
      explanation: `the store expects the bucket as a part of the host's name.${quoteAws("s3", { name, message })} Clear "Path-style addressing" in the AWS account, and set the address of the store itself as endpoint.`,
    };
  }
  const host = responseElement(error, "hostname") || sent?.hostname || "";
  const isBucketHost = bucket !== undefined && host.startsWith(`${bucket}.`) && !isAwsHost(host);
  if (!isBucketHost || systemCode === undefined) {
    return undefined;
  }
  const advice =
    'The bucket is a part of the host\'s name. If the store addresses buckets by path, check "Path-style addressing" in the AWS account.';
  if (systemCode === "ENOTFOUND" || systemCode === "EAI_AGAIN") {
    return {
      code: "AWS_UNREACHABLE",
      retryable: systemCode === "EAI_AGAIN",
      explanation: `there is no host ${host} (${systemCode}). ${advice}`,
    };
  }
  return systemCode === "ERR_TLS_CERT_ALTNAME_INVALID"
    ? {
        code: "AWS_UNREACHABLE",
        explanation: `the certificate of the store is not for the host ${host} (${systemCode}). ${advice}`,
      }
    : undefined;
}

/** A store that is not AWS names the endpoint of another region, to which no change of the signature leads. */
function explainEndpoint(
  error: unknown,
  facts: AwsErrorFacts,
  { bucket, sent }: { readonly bucket: string | undefined; readonly sent: SentRequest | undefined },
): StoreFault | undefined {
  const named = responseElement(error, "Endpoint").replace(/^https?:\/\//, "");
  const isRedirect = /^(?:Permanent|Temporary)Redirect$/.test(facts.name) || /specified endpoint/i.test(facts.message);
  if (!isRedirect || !/^[\w.-]+(?::\d+)?$/.test(named) || isAwsHost(named) || named === sent?.hostname) {
    return undefined;
  }
  const host = bucket !== undefined && named.startsWith(`${bucket}.`) ? named.slice(bucket.length + 1) : named;
  const what = bucket === undefined ? "this request" : `the bucket "${bucket}"`;
  return {
    code: "S3_BUCKET_WRONG_REGION",
    explanation: `the store serves ${what} at the endpoint ${host}. Set it as the S3 endpoint of the AWS account, with the region of this endpoint.`,
  };
}

function explainGateway({ httpStatus, page, name }: AwsErrorFacts): StoreFault | undefined {
  if (httpStatus === 413 && (page !== "" || name === "Unknown")) {
    const by = page === "" ? "" : `: "${page}"`;
    return {
      code: "AWS_REQUEST_REFUSED",
      explanation: `a gateway in front of the store refuses the size of the request (HTTP 413)${by}. Allow larger requests there (for nginx: client_max_body_size), at least the "Part size" of the node.`,
    };
  }
  return undefined;
}

function explainFull(facts: AwsErrorFacts): StoreFault | undefined {
  const isSaid = facts.httpStatus === 403 && FULL_WORDS.test(facts.message) && !/\brate\b/i.test(facts.message);
  return FULL.test(facts.name) || isSaid || facts.httpStatus === 507 || facts.httpStatus === 402
    ? {
        code: "S3_QUOTA_EXCEEDED",
        explanation: `the store takes no more: its disk or a quota is used up (${facts.name || `HTTP ${facts.httpStatus}`}).${quoteAws("s3", facts)} Delete what is not needed, or raise the quota.`,
      }
    : undefined;
}

function explainArchived(error: unknown, facts: AwsErrorFacts): StoreFault | undefined {
  if (facts.name !== "InvalidObjectState") {
    return undefined;
  }
  const storageClass = responseElement(error, "StorageClass") || responseElement(error, "AccessTier");
  return {
    code: "S3_OBJECT_ARCHIVED",
    explanation: `the object is archived${storageClass === "" ? "" : ` (${storageClass})`}, and can't be read before it is restored.${quoteAws("s3", facts)} Restore it (\`aws s3api restore-object\`), and try again when that is done.`,
  };
}
