import { join, resolve } from "node:path";

/** The settings of Node-RED that determine where files are stored. */
export interface FolderSettings {
  /** Absent if Node-RED is embedded without a user directory. */
  readonly userDir?: string | undefined;
  /** A folder for the runs; a relative path is resolved against the user directory. */
  readonly lightlyAwsRunsDir?: unknown;
}

/** The folder in which runs are stored; undefined if there is none, so that runs exist in memory only. */
export function runsFolder({ userDir, lightlyAwsRunsDir: chosen }: FolderSettings): string | undefined {
  if (typeof chosen === "string" && chosen.trim() !== "") {
    return resolve(userDir ?? "", chosen.trim());
  }
  return userDir === undefined ? undefined : join(userDir, "lightly-aws", "runs");
}
