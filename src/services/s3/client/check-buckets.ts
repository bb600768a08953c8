import type { S3Client } from "@aws-sdk/client-s3";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { bucketKind } from "../../../fields/rules/buckets.ts";

/** The part of the client's configuration that the SDK keeps up to date, and does not declare. */
interface EndpointState {
  /** Whether an endpoint is set: in the code, a variable or a profile. The SDK knows it from the first request on. */
  readonly isCustomEndpoint?: boolean;
}

/**
 * Makes a client check what only it can know about a bucket. Names with upper-case letters or underscores are refused where no endpoint is set:
 * AWS itself takes no such names, S3-compatible stores do. Requests to a multi-region access point are signed with SigV4a, whose
 * implementation is loaded with the first one.
 */
export function checkBuckets(client: S3Client): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      if (bucketKind(bucketOf(args.input)) === "multiRegion") {
        await loadSigV4a();
      }
      return await next(args);
    },
    { name: "loadSigV4a", step: "initialize" },
  );
  client.middlewareStack.add(
    (next) => async (args) => {
      const bucket = bucketOf(args.input);
      if (bucketKind(bucket) === "legacy" && (client.config as EndpointState).isCustomEndpoint !== true) {
        throw new PipelineError(
          "S3_NAME_INVALID",
          `"${bucket}" is not the name of a bucket of AWS: those have 3 to 63 lower-case letters, digits, "." and "-". An S3-compatible store may accept it: set its endpoint in the AWS account. For a bucket of us-east-1 from before 2018, set https://s3.us-east-1.amazonaws.com.`,
          { details: { bucket } },
        );
      }
      return await next(args);
    },
    // The SDK looks for an endpoint in the step before.
    { name: "refuseLegacyBuckets", step: "build" },
  );
}

function bucketOf(input: unknown): string {
  const { Bucket: bucket } = input as { readonly Bucket?: unknown };
  return typeof bucket === "string" ? bucket : "";
}

async function loadSigV4a(): Promise<void> {
  // Importing it registers it with the SDK's signer.
  await import("../../../sdk/signature-v4a.ts");
}
