import { AwsFault } from "./aws-fault.ts";
import type { AwsServiceName } from "./aws-service.ts";

/** The problems of a request's authentication. */
export type AuthProblem =
  | "unsigned"
  | "malformed"
  | "malformedUrl"
  | "unknownKey"
  | "wrongSignature"
  | "skewed"
  | "expiredToken"
  | "wrongToken"
  | "expiredUrl"
  | "oldSignature";

type Name = readonly [code: string, status: number];

const QUERY_PROBLEMS = {
  unsigned: ["MissingAuthenticationToken", 403],
  malformed: ["IncompleteSignature", 400],
  malformedUrl: ["IncompleteSignature", 400],
  expiredUrl: ["RequestExpired", 400],
  oldSignature: ["IncompleteSignature", 400],
} as const;

/** Those of STS and IAM. */
const QUERY_NAMES = {
  ...QUERY_PROBLEMS,
  unknownKey: ["InvalidClientTokenId", 403],
  wrongSignature: ["SignatureDoesNotMatch", 403],
  skewed: ["SignatureDoesNotMatch", 403],
  expiredToken: ["ExpiredToken", 403],
  wrongToken: ["InvalidClientTokenId", 403],
} as const;

/** Those of services with JSON. */
const JSON_NAMES = {
  unsigned: ["MissingAuthenticationTokenException", 400],
  malformed: ["IncompleteSignatureException", 400],
  malformedUrl: ["IncompleteSignatureException", 400],
  unknownKey: ["UnrecognizedClientException", 400],
  wrongSignature: ["InvalidSignatureException", 400],
  skewed: ["InvalidSignatureException", 400],
  expiredToken: ["ExpiredTokenException", 400],
  wrongToken: ["UnrecognizedClientException", 400],
  expiredUrl: ["InvalidSignatureException", 400],
  oldSignature: ["IncompleteSignatureException", 400],
} as const;

/** Those of Batch, which is behind API Gateway. */
const REST_NAMES = {
  ...JSON_NAMES,
  unsigned: ["MissingAuthenticationTokenException", 403],
  malformed: ["IncompleteSignatureException", 403],
  unknownKey: ["UnrecognizedClientException", 403],
  wrongSignature: ["InvalidSignatureException", 403],
  skewed: ["InvalidSignatureException", 403],
  expiredToken: ["ExpiredTokenException", 403],
  wrongToken: ["UnrecognizedClientException", 403],
} as const;

/** Error code and status of each problem, by service. */
const NAMES: Readonly<Record<AwsServiceName, Readonly<Record<AuthProblem, Name>>>> = {
  s3: {
    unsigned: ["AccessDenied", 403],
    malformed: ["AuthorizationHeaderMalformed", 400],
    malformedUrl: ["AuthorizationQueryParametersError", 400],
    unknownKey: ["InvalidAccessKeyId", 403],
    wrongSignature: ["SignatureDoesNotMatch", 403],
    skewed: ["RequestTimeTooSkewed", 403],
    expiredToken: ["ExpiredToken", 400],
    wrongToken: ["InvalidToken", 400],
    expiredUrl: ["AccessDenied", 403],
    oldSignature: ["AccessDenied", 403],
  },
  ec2: {
    ...QUERY_PROBLEMS,
    unknownKey: ["AuthFailure", 401],
    wrongSignature: ["AuthFailure", 401],
    skewed: ["RequestExpired", 400],
    expiredToken: ["RequestExpired", 400],
    wrongToken: ["AuthFailure", 401],
  },
  ssm: JSON_NAMES,
  sts: QUERY_NAMES,
  iam: QUERY_NAMES,
  batch: REST_NAMES,
  logs: JSON_NAMES,
};

const TEXTS: Readonly<Record<AuthProblem, string>> = {
  unsigned: "The request is not signed. Every request to the sandbox is signed with its own key pair.",
  malformed: "The signature's parts are incomplete or contradict each other.",
  malformedUrl: "The signature's parts in the URL are incomplete or contradict each other.",
  unknownKey: "The access key id is not the sandbox's. Use the key pair the sandbox printed when it started.",
  wrongSignature:
    "The signature does not match the request. Check the secret access key and how the request was signed.",
  skewed: "The request's time differs from the sandbox's by more than 15 minutes, or the signature expired.",
  expiredToken: "The temporary credentials have expired. Assume the role again.",
  wrongToken: "The session token does not belong to these credentials.",
  expiredUrl: "Request has expired",
  oldSignature: "The signature is of version 2. Sign with AWS4-HMAC-SHA256.",
};

/** Creates a service's error for a request that is not authenticated. */
export function authFault(service: AwsServiceName, problem: AuthProblem, text = TEXTS[problem]): AwsFault {
  const [code, status] = NAMES[service][problem];
  return new AwsFault(code, status, text);
}
