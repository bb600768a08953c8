import { join, resolve } from "node:path";

/** What Node-RED's settings say about the place of files. */
export interface FolderSettings {
  /** Absent where Node-RED is embedded without one. */
  readonly userDir?: string | undefined;
  /** A folder for the runs; a relative one is inside the user directory. */
  readonly lightlyAwsRunsDir?: unknown;
}

/** Where the runs are kept; undefined where there is no place for them. */
export function runsFolder({ userDir, lightlyAwsRunsDir: chosen }: FolderSettings): string | undefined {
  if (typeof chosen === "string" && chosen.trim() !== "") {
    return resolve(userDir ?? "", chosen.trim());
  }
  return userDir === undefined ? undefined : join(userDir, "lightly-aws", "runs");
}
