import { basename, posix } from "node:path";
import type { S3Client } from "@aws-sdk/client-s3";
import { PipelineError } from "../../errors/pipeline-error.ts";
import type { AwsClients } from "../../services/aws/clients/aws-clients.ts";
import { isObjectUri, parseS3Uri } from "../../services/s3/object/parse-uri.ts";
import type { UploadSource } from "../../services/s3/upload/upload-object.ts";
import { allowedFolders } from "../shared/allowed-folders.ts";
import type { NodeAPI } from "../shared/node-red.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { fields } from "./fields.ts";

/** The kinds of sources, with their names in errors. The first one is the default. */
const KINDS = {
  file: "a file on this machine",
  url: "the content of a URL",
  object: "an object in S3",
  buffer: "a Buffer",
} as const;
type Kind = keyof typeof KINDS;

/** At least two letters: one letter before the colon is a Windows drive. */
const URL_LIKE = /^\s*[a-z][a-z0-9+.-]+:\/\//i;

/**
 * Returns the source of an upload. The form decides its kind, never the value: otherwise a message could name any file of the machine, or
 * any address of its network.
 *
 * @param s3 - the client that reads an object
 * @throws PipelineError `INPUT_INVALID` if the value is of another kind
 */
export async function sourceOf(
  red: NodeAPI,
  { inputs, msg }: StepContext,
  clients: AwsClients,
  s3: S3Client,
): Promise<UploadSource> {
  const { sourceKind: kind, source: value } = await inputs.read(fields, "sourceKind", "source");
  const found = kindOf(value);
  if (found !== kind) {
    throw wrongKind(kind, found, value);
  }
  if (kind === "buffer") {
    const name = typeof msg.filename === "string" ? basename(msg.filename) : `${msg._msgid}.bin`;
    return { buffer: value as Uint8Array, name };
  }
  if (kind === "file") {
    return {
      path: String(value),
      folders: allowedFolders(red, (await inputs.read(fields, "sourceFolder")).sourceFolder),
    };
  }
  const read = await inputs.read(fields, "maxSizeGib", "timeoutMinutes", "parallelReads");
  const { maxSizeBytes: maxBytes, timeoutMs, parallelReads } = read;
  const limits = { maxBytes, timeoutMs, parallelReads, isLarge: true };
  const through = await clients.connections();
  if (kind === "url") {
    return { url: String(value).trim(), ...limits, addresses: { through } };
  }
  const { bucket = "", key = "" } = parseS3Uri(uriOf(value) ?? "") ?? {};
  return { object: { s3, bucket, key, versionId: versionOf(value) }, ...limits, addresses: { through } };
}

/** The URI of an object: a text, or the `msg.s3` of another step. */
function uriOf(value: unknown): string | undefined {
  const uri = typeof value === "object" && value !== null ? (value as { uri?: unknown }).uri : value;
  return typeof uri === "string" && isObjectUri(uri) ? uri : undefined;
}

/** The version in the `msg.s3` of another step: what it has written, even if the object has been replaced since. */
function versionOf(value: unknown): string | undefined {
  const { versionId } = Object(value) as { versionId?: unknown };
  return typeof versionId === "string" && versionId !== "" ? versionId : undefined;
}

/** Returns the last part of a source's path, which becomes part of the object's key. */
export function basenameOf(source: UploadSource): string {
  if ("buffer" in source) {
    return source.name;
  }
  if ("path" in source) {
    return basename(source.path);
  }
  if ("object" in source) {
    return posix.basename(source.object.key);
  }
  const last = posix.basename(URL.parse(source.url)?.pathname ?? "");
  try {
    return decodeURIComponent(last) || "download";
  } catch {
    return last;
  }
}

function kindOf(value: unknown): Kind | undefined {
  if (value instanceof Uint8Array) {
    return "buffer";
  }
  if (uriOf(value) !== undefined) {
    return "object";
  }
  if (typeof value !== "string" || value.trim() === "") {
    return undefined;
  }
  return URL_LIKE.test(value) ? "url" : "file";
}

function wrongKind(kind: Kind, found: Kind | undefined, value: unknown): PipelineError {
  const details = { field: "source", kind };
  if (found === undefined) {
    const is = value === undefined ? "missing" : `of type ${typeof value}`;
    return new PipelineError(
      "INPUT_INVALID",
      `There is nothing to upload: "source" must be ${KINDS[kind]}, but is ${is}. Check which message property the node reads.`,
      { details },
    );
  }
  const is = { file: "a string that is not a URL", url: "a URL", object: "an object in S3", buffer: "a Buffer" }[found];
  return new PipelineError(
    "INPUT_INVALID",
    `"source" is ${is}, but the node uploads ${KINDS[kind]}. To upload ${KINDS[found]}, choose it under "Source type" in the form.`,
    { details: { ...details, found } },
  );
}
