import { mkdir, realpath } from "node:fs/promises";
import { dirname, relative, resolve, sep } from "node:path";
import { PipelineError } from "../../../errors/pipeline-error.ts";

/**
 * Requires that a folder, as far as it exists, is really inside the chosen one and not reached by a link that leads out of it.
 *
 * @param root - the chosen folder; may itself be a link, or not exist yet
 * @throws PipelineError `DESTINATION_REFUSED`
 */
export async function checkInnerFolder(root: string, folder: string): Promise<void> {
  const realRoot = resolve(folder) === resolve(root) ? undefined : await realpath(root).catch(ifMissing);
  if (realRoot === undefined) {
    return;
  }
  for (let existing = resolve(folder); ; existing = dirname(existing)) {
    const real = await realpath(existing).catch(ifMissing);
    if (real !== undefined) {
      refuseOutside(realRoot, real, folder);
      return;
    }
  }
}

/**
 * Creates a folder inside the chosen one, level by level, so that no folder is created behind a link that leads out.
 *
 * @throws PipelineError `DESTINATION_REFUSED`; the error of the file system if a folder can't be created
 */
export async function makeInnerFolder(root: string, folder: string): Promise<void> {
  await mkdir(root, { recursive: true });
  let made = resolve(root);
  if (made === resolve(folder)) {
    return;
  }
  const realRoot = await realpath(root);
  for (const part of relative(made, resolve(folder)).split(sep)) {
    made = resolve(made, part);
    await mkdir(made).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") {
        throw error;
      }
    });
    refuseOutside(realRoot, await realpath(made), folder);
  }
}

/** Whether a path is a folder or inside it; both without links. */
export function isInside(realFolder: string, realPath: string): boolean {
  const between = relative(realFolder, realPath);
  return between === "" || (between !== ".." && !between.startsWith(`..${sep}`) && resolve(between) !== between);
}

function refuseOutside(realRoot: string, real: string, folder: string): void {
  if (!isInside(realRoot, real)) {
    throw new PipelineError(
      "DESTINATION_REFUSED",
      `${folder} is, or is inside, a link that leads out of ${realRoot}, so nothing is written there. Remove the link, or choose another folder.`,
      { details: { folder } },
    );
  }
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") {
    return undefined;
  }
  throw error;
}
