import type { AwsRequest, AwsService } from "./aws/aws-service.ts";
import type { EventLog } from "./faults/event-log.ts";

const WRITES =
  /^(?:CreateBucket|DeleteBucket|PutObject|CopyObject|DeleteObjects?|CompleteMultipartUpload|AbortMultipartUpload|CreateMultipartUpload)$/;

/** The same S3 service, with an event for every successful write. */
export function recordWrites<S extends AwsService>(s3: S, events: EventLog): S {
  return {
    ...s3,
    async handle(request: AwsRequest) {
      const operation = s3.operation?.(request) ?? "";
      await s3.handle(request);
      if (WRITES.test(operation) && request.response.statusCode < 300) {
        events.record("object", { operation, path: decodePath(request.url.pathname) });
      }
    },
  };
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
