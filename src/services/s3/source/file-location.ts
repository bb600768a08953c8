import { readlink, realpath, statfs } from "node:fs/promises";
import { resolve } from "node:path";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { isInside } from "../../http/download/inner-folder.ts";

/** `statfs(2)`: what the kernel tells of itself and of processes, their environment among it, looks like files. */
const KERNEL_FILE_SYSTEMS: Readonly<Record<number, string>> = {
  40864: "proc", // 0x9fa0
  1650812274: "sysfs", // 0x62656572
  1684170528: "debugfs", // 0x64626720
  1953653091: "tracefs", // 0x74726163
  1667723888: "cgroup2", // 0x63677270
  1935894131: "securityfs", // 0x73636673
};

/**
 * Requires that a file really is in each of these folders, over whatever links its path leads.
 *
 * @param descriptor - of the file when it is open: what is open counts then, not what the path leads to by now (Linux)
 * @throws PipelineError `SOURCE_OUTSIDE_FOLDER`; `SOURCE_NOT_FOUND` for a path inside that leads nowhere. Outside, nothing is told of
 * what is there.
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
        `The file ${path} must be in ${folder}, which does not exist. Make that folder, or choose another one.`,
        { details: { path, folder } },
      );
    }
    const isIn = real === undefined ? isInside(resolve(folder), resolve(path)) : isInside(realFolder, real);
    if (!isIn) {
      throw new PipelineError(
        "SOURCE_OUTSIDE_FOLDER",
        `The file ${path} is not in ${folder}, where files to upload must be, or a link leads out of it.`,
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

/** @throws PipelineError `SOURCE_UNREADABLE` for a file that the kernel makes up */
export async function refuseKernelFile(path: string): Promise<void> {
  const type = (await statfs(path).catch(() => undefined))?.type ?? 0;
  const name = process.platform === "linux" ? KERNEL_FILE_SYSTEMS[type] : undefined;
  if (name !== undefined) {
    throw new PipelineError(
      "SOURCE_UNREADABLE",
      `The file ${path} is one of the kernel's (${name}). Name a file on a disk.`,
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
