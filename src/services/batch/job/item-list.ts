import type { S3Client } from "@aws-sdk/client-s3";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { parseS3Uri } from "../../s3/object/parse-uri.ts";
import { type JobRequest, MAX_OVERRIDE_CHARACTERS, overrideCharacters, requireSize } from "./job-input.ts";

/** The items, one per line. Child N works on line N + 1. */
const LINES = "LIGHTLY_ITEMS";
/** The URI of an object with these lines. */
const URI = "LIGHTLY_ITEMS_URI";

/**
 * Gives a job the items of its children: all children have the same variables, and select their item by their index. A list that is too long
 * for a variable becomes an S3 object in the folder, which stays there.
 *
 * @param options.folder - `s3://bucket/prefix`
 * @param options.listName - the folder of the object below it
 * @returns the job with further variables, and a child per item
 * @throws PipelineError `BATCH_REQUEST_INVALID` (no items, a line break in an item, too long without a folder), `S3_*`, `AWS_*`, `ABORTED`
 */
export async function withItems(
  job: JobRequest,
  options: {
    readonly items: readonly string[];
    readonly folder: string | undefined;
    readonly listName: string;
    readonly s3: () => Promise<S3Client>;
    readonly signal: AbortSignal;
  },
): Promise<JobRequest> {
  const { items, folder } = options;
  if (items.length === 0) {
    throw invalid("There are no items, so the job would have no child. Check the field Items, or the message.");
  }
  // Before the list is stored.
  requireSize(items.length);
  const broken = items.find((item) => /[\r\n]/.test(item));
  if (broken !== undefined) {
    throw invalid(
      `The item ${JSON.stringify(broken.slice(0, 100))} has a line break, which separates items. Rename it.`,
    );
  }
  const lines = items.join("\n");
  const sized = { ...job, size: items.length };
  const inline = { ...sized, environment: { ...job.environment, [LINES]: lines } };
  if (overrideCharacters(inline) <= MAX_OVERRIDE_CHARACTERS) {
    return inline;
  }
  if (folder === undefined) {
    throw invalid(
      `The list of ${items.length} items is too long for the variables of a container (${MAX_OVERRIDE_CHARACTERS} characters). Enter a list folder, where it is stored as an object.`,
    );
  }
  const uri = `${folder.replace(/\/$/, "")}/${options.listName}/items.txt`;
  await store(uri, `${lines}\n`, options);
  return { ...sized, environment: { ...job.environment, [URI]: uri } };
}

async function store(
  uri: string,
  text: string,
  { s3, signal }: { readonly s3: () => Promise<S3Client>; readonly signal: AbortSignal },
): Promise<void> {
  const { uploadObject } = await import("../../s3/upload/upload-object.ts");
  const { bucket = "", key = "" } = parseS3Uri(uri) ?? {};
  await uploadObject({
    s3: await s3(),
    bucket,
    key,
    source: { buffer: Buffer.from(text), name: "items.txt" },
    contentType: "text/plain; charset=utf-8",
    ifExists: "overwrite",
    signal,
  });
}

function invalid(message: string): PipelineError {
  return new PipelineError("BATCH_REQUEST_INVALID", message);
}
