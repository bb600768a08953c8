import type { BatchClient } from "@aws-sdk/client-batch";
import { DescribeJobDefinitionsCommand, DescribeJobQueuesCommand } from "../../../sdk/batch.ts";
import { awsPages } from "../../aws/aws-pages.ts";
import { type Listing, listing, MAX_LISTED } from "../../listing.ts";
import { mapBatchError } from "../map-batch-error.ts";

/** A queue or a job definition of a list to choose from. */
export interface ListedResource {
  readonly name: string;
  /** In the words of Batch: `ENABLED`, an image. */
  readonly details: readonly string[];
}

/** Lists the queues of the account's region by name. @throws PipelineError `BATCH_ACCESS_DENIED`, `AWS_*`, `ABORTED` */
export async function listQueues(batch: BatchClient, abortSignal: AbortSignal): Promise<Listing<ListedResource>> {
  const pages = awsPages({
    action: "batch:DescribeJobQueues",
    read: (nextToken?: string) => batch.send(new DescribeJobQueuesCommand({ nextToken }), { abortSignal }),
    next: (page) => page.nextToken,
  });
  const found = new Map<string, ListedResource>();
  return collect(pages, found, { action: "batch:DescribeJobQueues", resource: "queues" }, ({ jobQueues = [] }) => {
    for (const { jobQueueName: name = "", state, status } of jobQueues) {
      found.set(name, { name, details: [state, status].flatMap((word) => word ?? []) });
    }
  });
}

/** Lists the active job definitions by name, each with the image of its newest revision. @throws like {@link listQueues} */
export async function listDefinitions(batch: BatchClient, abortSignal: AbortSignal): Promise<Listing<ListedResource>> {
  const pages = awsPages({
    action: "batch:DescribeJobDefinitions",
    read: (nextToken?: string) =>
      batch.send(new DescribeJobDefinitionsCommand({ status: "ACTIVE", nextToken }), { abortSignal }),
    next: (page) => page.nextToken,
  });
  const found = new Map<string, ListedResource>();
  const newest = new Map<string, number>();
  const request = { action: "batch:DescribeJobDefinitions", resource: "job definitions" };
  return collect(pages, found, request, ({ jobDefinitions = [] }) => {
    for (const { jobDefinitionName: name = "", revision = 0, containerProperties } of jobDefinitions) {
      if (revision >= (newest.get(name) ?? 0)) {
        newest.set(name, revision);
        found.set(name, { name, details: [containerProperties?.image ?? ""].filter((image) => image !== "") });
      }
    }
  });
}

async function collect<P extends { readonly nextToken?: string | undefined }>(
  pages: AsyncIterable<P>,
  found: ReadonlyMap<string, ListedResource>,
  request: { readonly action: string; readonly resource: string },
  add: (page: P) => void,
): Promise<Listing<ListedResource>> {
  let more = false;
  try {
    for await (const page of pages) {
      add(page);
      more = Boolean(page.nextToken);
      if (found.size > MAX_LISTED) {
        break;
      }
    }
  } catch (error) {
    throw mapBatchError(error, request);
  }
  return listing(
    [...found.values()].sort((one, other) => one.name.localeCompare(other.name)),
    more,
  );
}
