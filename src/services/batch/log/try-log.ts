import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { GetLogEventsCommand } from "../../../sdk/cloudwatch-logs.ts";
import { readAwsError } from "../../aws/errors/aws-error-facts.ts";
import { isMissingGroup, mapLogsError } from "./map-logs-error.ts";

/** No job has a stream of this name. */
const NO_STREAM = "lightly/check/0";

/**
 * Tries whether the log of jobs may be read, with a request for a stream that does not exist.
 *
 * @returns whether the group exists
 * @throws PipelineError `BATCH_ACCESS_DENIED`, `AWS_*`, `ABORTED`
 */
export async function tryLog(
  logs: CloudWatchLogsClient,
  logGroupName: string,
  abortSignal: AbortSignal,
): Promise<boolean> {
  try {
    await logs.send(new GetLogEventsCommand({ logGroupName, logStreamName: NO_STREAM, limit: 1 }), { abortSignal });
    return true;
  } catch (error) {
    if (readAwsError(error).name === "ResourceNotFoundException") {
      return !isMissingGroup(error);
    }
    throw mapLogsError(error, `log group ${logGroupName}`);
  }
}
