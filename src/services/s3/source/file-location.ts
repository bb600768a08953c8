import { readlink, realpath, statfs } from "node:fs/promises";
import { resolve } from "node:path";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { isInside } from "../../http/download/inner-folder.ts";

/** `statfs(2)`: file systems in which the kernel shows data about itself and processes, including their environment. */
const KERNEL_FILE_SYSTEMS: Readonly<Record<number, string>> = {
  40864: "proc", // 0x9fa0
  1650812274: "sysfs", // 0x62656572
  1684170528: "debugfs", // 0x64626720
  1953653091: "tracefs", // 0x74726163
  1667723888: "cgroup2", // 0x63677270
  1935894131: "securityfs", // 0x73636673
};

/**
 * Requires that the real path of a file, with all links resolved, is inside each of these folders.
 *
 * @param descriptor - of the file if it is open: then the open file is checked, not what the path refers to by now (Linux)
 * @throws PipelineError `SOURCE_OUTSIDE_FOLDER`; `SOURCE_NOT_FOUND` for a path inside that does not exist. The error does not reveal
 * whether a path outside exists.
 */
export async function requireInside(path: string, folders: readonly string[], descriptor?: number): Promise<void> {
  if (folders.length === 0) {
    return;
  }
  const real = (await openPath(descriptor)) ?? (await realpath(path).catch(() => undefined));
  for (const folder of folders) {
    const realFolder = await realpath(folder).catch(() => undefined);
    if (realFolder === undefined) {
      throw new PipelineError(
        "SOURCE_OUTSIDE_FOLDER",
        `The file ${path} must be in the folder ${folder}, which does not exist. Create the folder, or choose another one.`,
        { details: { path, folder } },
      );
    }
    const isIn = real === undefined ? isInside(resolve(folder), resolve(path)) : isInside(realFolder, real);
    if (!isIn) {
      throw new PipelineError(
        "SOURCE_OUTSIDE_FOLDER",
        `The file ${path} is not in the folder ${folder}, to which uploads are limited, or is a link that leads out of it. Move the file, or change the folder.`,
        { details: { path, folder } },
      );
    }
  }
  if (real === undefined) {
    throw new PipelineError("SOURCE_NOT_FOUND", `The file ${path} does not exist. Check the path.`, {
      details: { path },
    });
  }
}

/** @throws PipelineError `SOURCE_UNREADABLE` for a virtual file of the kernel */
export async function refuseKernelFile(path: string): Promise<void> {
  const type = (await statfs(path).catch(() => undefined))?.type ?? 0;
  const name = process.platform === "linux" ? KERNEL_FILE_SYSTEMS[type] : undefined;
  if (name !== undefined) {
    throw new PipelineError(
      "SOURCE_UNREADABLE",
      `The file ${path} is a virtual file of the kernel (${name}). Choose a file on a disk.`,
      {
        details: { path },
      },
    );
  }
}

async function openPath(descriptor: number | undefined): Promise<string | undefined> {
  return descriptor === undefined || process.platform !== "linux"
    ? undefined
    : readlink(`/proc/self/fd/${descriptor}`).catch(() => undefined);
}
