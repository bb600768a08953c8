import type { NodeAPI } from "./node-red.ts";

/** The property of Node-RED's settings, and the environment variable, with the folder to which reading files is limited. */
const SETTING = "lightlyAwsFilesDir";
const VARIABLE = "LIGHTLY_AWS_FILES_DIR";

/**
 * Returns the folders that the administrator and a form allow. A file must be in all of them.
 *
 * @param ofForm - the folder of a node's form, if it has one
 */
export function allowedFolders({ settings }: NodeAPI, ofForm?: string): string[] {
  const ofSettings = (settings as unknown as Readonly<Record<string, unknown>>)[SETTING];
  const folders = [ofForm, ofSettings, process.env[VARIABLE]];
  return folders.filter((folder): folder is string => typeof folder === "string" && folder.trim() !== "");
}
