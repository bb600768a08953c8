import { parseS3Uri } from "../../services/s3/object/parse-uri.ts";
import type { FlowNode } from "../flow-node.ts";
import type { FolderUse } from "./plan.ts";
import { fieldOf, textOf } from "./step-values.ts";
import { unique } from "./unique.ts";

/** The folder of each type of step; several types have none. */
const FOLDERS: Readonly<Record<string, (step: FlowNode) => FolderUse[]>> = {
  "lightly-video-source": listedFolder,
  "lightly-s3-upload": uploadFolder,
  "lightly-results": resultFolder,
  "lightly-studio-select": studioFolders,
  "lightly-batch-run": listFolder,
};

/** The folders in buckets that the account of steps uses, each once. */
export function usedFolders(steps: readonly FlowNode[]): FolderUse[] {
  const types = Object.entries(FOLDERS);
  return merged(types.flatMap(([type, foldersOf]) => steps.filter((step) => step.type === type).flatMap(foldersOf)));
}

function listedFolder(step: FlowNode): FolderUse[] {
  const bucket = fieldOf(step, "kind") === "s3" ? textOf(step, "bucket") : undefined;
  return bucket === undefined
    ? []
    : [{ bucket, prefix: folderOf(textOf(step, "prefix")), writes: false, reads: false, lists: true, actions: [] }];
}

function uploadFolder(step: FlowNode): FolderUse[] {
  const bucket = textOf(step, "bucket");
  const tags = step.stored.tags;
  const actions = [
    ...(Array.isArray(tags) && tags.length > 0 ? ["s3:PutObjectTagging"] : []),
    ...(textOf(step, "acl") === undefined ? [] : ["s3:PutObjectAcl"]),
  ];
  return bucket === undefined
    ? []
    : [{ bucket, prefix: folderOf(textOf(step, "prefix")), writes: true, reads: false, actions }];
}

function resultFolder(step: FlowNode): FolderUse[] {
  const bucket = textOf(step, "bucket");
  return bucket === undefined
    ? []
    : [{ bucket, prefix: folderOf(textOf(step, "prefix")), writes: true, reads: true, actions: [] }];
}

/** LightlyStudio writes with the role of the instance; Node-RED reads progress and results. */
function studioFolders(step: FlowNode): FolderUse[] {
  const place = parseS3Uri(textOf(step, "output") ?? "");
  return place ? [{ bucket: place.bucket, prefix: folderOf(place.key), writes: false, reads: true, actions: [] }] : [];
}

/** A list of items that is too long for a variable. */
function listFolder(step: FlowNode): FolderUse[] {
  const place = parseS3Uri(textOf(step, "itemsFolder") ?? "");
  return place ? [{ bucket: place.bucket, prefix: folderOf(place.key), writes: true, reads: false, actions: [] }] : [];
}

/** Two steps may use the same folder. */
function merged(folders: readonly FolderUse[]): FolderUse[] {
  const found = new Map<string, FolderUse>();
  for (const folder of folders) {
    const key = `${folder.bucket}/${folder.prefix}`;
    const known = found.get(key) ?? folder;
    found.set(key, {
      ...folder,
      writes: folder.writes || known.writes,
      reads: folder.reads || known.reads,
      ...((folder.lists || known.lists) && { lists: true }),
      actions: unique([...folder.actions, ...known.actions]),
    });
  }
  return [...found.values()];
}

function folderOf(prefix = ""): string {
  return prefix.split("/").filter(Boolean).join("/");
}
