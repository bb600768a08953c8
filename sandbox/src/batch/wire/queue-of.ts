import type { JobQueue } from "../resources/resource.ts";
import type { ResourceBook } from "../resources/resource-book.ts";
import { clientError } from "./fields.ts";

/** A queue by its name or ARN. @throws AwsFault `ClientException` */
export function queueOf(reference: string, resources: ResourceBook): JobQueue {
  const queue = resources.queue(reference);
  if (queue === undefined) {
    throw clientError(`Job Queue ${reference} does not exist.`);
  }
  return queue;
}
