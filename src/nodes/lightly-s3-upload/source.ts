import { basename } from "node:path";
import { PipelineError } from "../../errors/pipeline-error.ts";
import type { UploadSource } from "../../services/s3/upload/upload-object.ts";
import type { Inputs } from "../shared/inputs/inputs.ts";
import type { Message, NodeAPI } from "../shared/node-red.ts";
import { fields } from "./fields.ts";

/** The kinds of sources, with their names in errors. The first one is the default. */
const KINDS = { file: "a file on this machine", url: "the content of a URL", buffer: "a Buffer" } as const;
type Kind = keyof typeof KINDS;

/** The property of Node-RED's settings, and the environment variable, with the folder to which uploads of files are limited. */
const FOLDER_SETTING = "lightlyAwsFilesDir";
const FOLDER_VARIABLE = "LIGHTLY_AWS_FILES_DIR";

/** At least two letters: one letter before the colon is a Windows drive. */
const URL_LIKE = /^\s*[a-z][a-z0-9+.-]+:\/\//i;

/**
 * Returns the source of an upload. The form decides its kind, never the value: otherwise a message could name any file of the machine, or
 * any address of its network.
 *
 * @throws PipelineError `INPUT_INVALID` if the value is of another kind
 */
export async function sourceOf(red: NodeAPI, inputs: Inputs, msg: Message): Promise<UploadSource> {
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
    return { path: String(value), folders: await foldersOf(red, inputs) };
  }
  const { maxSizeBytes: maxBytes, timeoutMs } = await inputs.read(fields, "maxSizeGib", "timeoutMinutes");
  return { url: String(value).trim(), maxBytes, timeoutMs, isLarge: true };
}

/** Returns the last part of a source's path, which becomes part of the object's key. */
export function basenameOf(source: UploadSource): string {
  if ("buffer" in source) {
    return source.name;
  }
  if ("path" in source) {
    return basename(source.path);
  }
  const last =
    URL.parse(source.url)
      ?.pathname.split("/")
      .findLast((segment) => segment !== "") ?? "";
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
  if (typeof value !== "string" || value.trim() === "") {
    return undefined;
  }
  return URL_LIKE.test(value) ? "url" : "file";
}

/** Returns the folders of the form and of the administrator. A file must be in both. */
async function foldersOf({ settings }: NodeAPI, inputs: Inputs): Promise<string[]> {
  const ofSettings = (settings as unknown as Readonly<Record<string, unknown>>)[FOLDER_SETTING];
  const { sourceFolder } = await inputs.read(fields, "sourceFolder");
  const folders = [sourceFolder, ofSettings, process.env[FOLDER_VARIABLE]];
  return folders.filter((folder): folder is string => typeof folder === "string" && folder.trim() !== "");
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
  const is = { file: "a string that is not a URL", url: "a URL", buffer: "a Buffer" }[found];
  return new PipelineError(
    "INPUT_INVALID",
    `"source" is ${is}, but the node uploads ${KINDS[kind]}. To upload ${KINDS[found]}, choose it under "Source type" in the form.`,
    { details: { ...details, found } },
  );
}
