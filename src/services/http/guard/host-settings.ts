/** The environment variable with the list of hosts that downloads may use although their addresses are not public. */
export const ALLOWED_HOSTS_VARIABLE = "LIGHTLY_AWS_ALLOWED_HOSTS";
/** The property of Node-RED's settings for the same list. */
export const ALLOWED_HOSTS_SETTING = "lightlyAwsAllowedHosts";

let fromSettings: readonly string[] = [];

/**
 * Sets the list of Node-RED's settings, for the whole process, so that it applies to every download.
 *
 * @param setting - an array of strings, or one string with commas; anything else allows nothing
 */
export function allowHosts(setting: unknown): void {
  fromSettings = listOf(setting);
}

/** All current entries: those of the environment, of the settings, and further ones. */
export function allEntries(further: readonly string[]): string[] {
  return [...listOf(process.env[ALLOWED_HOSTS_VARIABLE]), ...fromSettings, ...further];
}

function listOf(value: unknown): string[] {
  const entries = Array.isArray(value) ? value : typeof value === "string" ? value.split(",") : [];
  return entries
    .filter((entry) => typeof entry === "string")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}
