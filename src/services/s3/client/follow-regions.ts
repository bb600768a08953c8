import { AsyncLocalStorage } from "node:async_hooks";
import type { S3Client } from "@aws-sdk/client-s3";
import { readAwsError, responseElement, responseHeader } from "../../aws/errors/aws-error-facts.ts";

/** The region of the request that is being sent, if it is not that of the client. */
const REQUEST_REGION = new AsyncLocalStorage<string>();

/** A bucket that is in another region than its client. */
interface BucketElsewhere {
  readonly region: string;
  isTold: boolean;
}

const ELSEWHERE = new WeakMap<S3Client, Map<string, BucketElsewhere>>();

/** Codes and statuses of the responses that name another region. */
const REDIRECTED =
  /^(?:PermanentRedirect|TemporaryRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException)$/;

/**
 * Makes a client follow buckets to their regions: S3 names the region in its refusal, and the request is sent again there. Later requests to
 * the bucket go there at once. The SDK's own `followRegionRedirects` changes the region of the whole client meanwhile, which breaks requests
 * that run at the same time, follows only two of the four kinds of responses, and remembers nothing.
 */
export function followRegions(client: S3Client): void {
  const { config } = client;
  const ownRegion = config.region;
  config.region = async () => REQUEST_REGION.getStore() ?? (await ownRegion());
  const buckets = new Map<string, BucketElsewhere>();
  ELSEWHERE.set(client, buckets);
  client.middlewareStack.add(
    (next) => async (args) => {
      const { Bucket: bucket } = args.input as { readonly Bucket?: string };
      const known = bucket === undefined ? undefined : buckets.get(bucket)?.region;
      try {
        return await inRegion(known, () => next(args));
      } catch (error) {
        const region = regionInResponse(error);
        if (bucket === undefined || region === undefined || region === (known ?? (await ownRegion()))) {
          throw error;
        }
        buckets.set(bucket, { region, isTold: false });
        return await inRegion(region, () => next(args));
      }
    },
    { name: "followRegions", step: "initialize", priority: "low" },
  );
}

/** The region to which a client has followed a bucket; each is returned only once, so that it is reported once. */
export function newlyFollowed(client: S3Client, bucket: string): string | undefined {
  const found = ELSEWHERE.get(client)?.get(bucket);
  if (found === undefined || found.isTold) {
    return undefined;
  }
  found.isTold = true;
  return found.region;
}

/** The region that S3 names in a refusal because of the region. */
export function regionInResponse(error: unknown): string | undefined {
  const { name, httpStatus, message } = readAwsError(error);
  const isHeadless = name === "Unknown" || name === "";
  if (!REDIRECTED.test(name) && !(isHeadless && [301, 307, 400].includes(httpStatus ?? 0))) {
    return undefined;
  }
  // The endpoint without a region, s3.amazonaws.com, is that of us-east-1.
  const [, ofEndpoint = "us-east-1"] = /(?:^|\.)s3(?:[.-](?:dualstack\.)?([a-z0-9-]+))?\.amazonaws\./.exec(
    responseElement(error, "Endpoint"),
  ) ?? [undefined, ""];
  const quoted = /expecting '([^']*)'|^The (?!unspecified)(\S+) location constraint is incompatible/.exec(message);
  const found = [
    responseHeader(error, "x-amz-bucket-region"),
    responseElement(error, "Region"),
    quoted?.[1],
    quoted?.[2],
    ofEndpoint,
  ];
  // The region becomes a part of the host's name.
  return found.find((region) => region !== undefined && /^[a-z0-9][a-z0-9-]{0,40}$/.test(region));
}

function inRegion<T>(region: string | undefined, work: () => Promise<T>): Promise<T> {
  return region === undefined ? work() : REQUEST_REGION.run(region, work);
}
