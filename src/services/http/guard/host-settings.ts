/** The environment variable that lists hosts which downloads may reach although their addresses are not public. */
export const ALLOWED_HOSTS_VARIABLE = "LIGHTLY_AWS_ALLOWED_HOSTS";
/** The property of Node-RED's settings with the same list. */
export const ALLOWED_HOSTS_SETTING = "lightlyAwsAllowedHosts";

let fromSettings: readonly string[] = [];

/**
 * Sets what Node-RED's settings allow: one list for the whole process, so that no download can be made without it.
 *
 * @param setting - a list of texts, or one text with commas; anything else allows nothing
 */
export function allowHosts(setting: unknown): void {
  fromSettings = listOf(setting);
}

/** All entries that count now: of the environment, of the settings, and further ones. */
export function allEntries(further: readonly string[]): string[] {
  return [...listOf(process.env[ALLOWED_HOSTS_VARIABLE]), ...fromSettings, ...further];
}

function listOf(value: unknown): string[] {
  const texts = Array.isArray(value) ? value : typeof value === "string" ? value.split(",") : [];
  return texts
    .filter((text) => typeof text === "string")
    .map((text) => text.trim())
    .filter((text) => text !== "");
}
