import type { S3Client } from "@aws-sdk/client-s3";

/** What is known of the request that an error belongs to. */
export interface SentRequest {
  /** With the bucket, unless it is addressed by path. */
  readonly hostname: string;
  /** Lower-case names of the headers. */
  readonly headers: readonly string[];
}

const SENT = new WeakMap<object, SentRequest>();

/** Makes a client remember the request of each error, from which the error's explanation follows: the SDK does not. */
export function recordSentRequests(client: S3Client): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const { hostname = "", headers = {} } = args.request as {
          readonly hostname?: string;
          readonly headers?: object;
        };
        if (typeof error === "object" && error !== null) {
          SENT.set(error, { hostname, headers: Object.keys(headers).map((name) => name.toLowerCase()) });
        }
        throw error;
      }
    },
    { name: "recordSentRequests", step: "finalizeRequest", priority: "low" },
  );
}

/** The request of an error that a client of {@link recordSentRequests} threw. */
export function sentRequestOf(error: unknown): SentRequest | undefined {
  return typeof error === "object" && error !== null ? SENT.get(error) : undefined;
}

/** The partition in the ARNs of a host: China, GovCloud and the European Sovereign Cloud have their own. */
export function partitionOf(hostname: string): string {
  if (/\.amazonaws\.com\.cn$|\.amazonwebservices\.com\.cn$/.test(hostname)) {
    return "aws-cn";
  }
  if (/\.amazonaws\.eu$/.test(hostname)) {
    return "aws-eusc";
  }
  return /[.-]us-gov-[a-z]+-\d/.test(hostname) && isAwsHost(hostname) ? "aws-us-gov" : "aws";
}

/** Returns whether a host is one of AWS, in any partition. */
export function isAwsHost(hostname: string): boolean {
  return /(?:^|\.)(?:amazonaws\.(?:com|com\.cn|eu)|api\.aws|api\.amazonwebservices\.com\.cn|(?:csp|cloud)\.(?:hci|adc-e)\.\w{1,10}|c2s\.ic\.gov|sc2s\.sgov\.gov)$/.test(
    hostname,
  );
}
