import { ownEntry } from "../../../errors/own-entry.ts";

type Section = Readonly<Record<string, string | undefined>>;

/** A profile of the shared configuration and credentials files, as the SDK reads them. */
export interface SharedProfile {
  readonly name: string;
  /** Whether either file has the profile. */
  readonly exists: boolean;
  /** The settings of both files. A nested one has a dot: `s3.addressing_style`. */
  readonly settings: Section;
  /** Reads another section of the configuration file: `services.NAME`. */
  section(name: string): Section | undefined;
  /** The profile that has the credentials: this one, or the last one that is reached by `source_profile`. */
  readonly origin: { readonly name: string; readonly settings: Section };
  /** Where the files are, as part of a sentence. */
  readonly files: string;
  /** The names of all profiles. */
  readonly others: readonly string[];
}

/**
 * Reads a profile with the SDK's own parser. The files are read again, because the SDK caches them for the life of the process: a
 * setting that is corrected while Node-RED runs would have no effect.
 *
 * @param profile - default: the variable `AWS_PROFILE`, else `default`
 */
export async function readSharedProfile(profile?: string): Promise<SharedProfile> {
  const { getHomeDir, getProfileName, loadSharedConfigFiles } = await import("@smithy/core/config");
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
  const name = getProfileName({ profile });
  // The credentials file wins, as in the AWS CLI.
  const settingsOf = (of: string): Section => ({ ...ownEntry(configFile, of), ...ownEntry(credentialsFile, of) });
  const settings = settingsOf(name);
  const home = getHomeDir();
  const config = process.env.AWS_CONFIG_FILE || `${home}/.aws/config`;
  const credentials = process.env.AWS_SHARED_CREDENTIALS_FILE || `${home}/.aws/credentials`;
  const names = [...Object.keys(configFile), ...Object.keys(credentialsFile)];
  return {
    name,
    exists: names.includes(name),
    settings,
    origin: followSources(name, settingsOf),
    section: (section) => ownEntry(configFile, section),
    files: `${config} or ${credentials}`,
    others: [...new Set(names)].filter((other) => !/^(?:sso-session|services)\./.test(other)),
  };
}

/** The SDK itself refuses a circle of profiles. */
function followSources(first: string, settingsOf: (name: string) => Section): SharedProfile["origin"] {
  let name = first;
  for (const seen = new Set<string>(); !seen.has(name); ) {
    seen.add(name);
    name = settingsOf(name).source_profile ?? name;
  }
  return { name, settings: settingsOf(name) };
}

const CREDENTIAL_SETTINGS = [
  "aws_access_key_id",
  "credential_process",
  "credential_source",
  "login_session",
  "role_arn",
  "sso_account_id",
  "sso_session",
  "sso_start_url",
  "web_identity_token_file",
];

/** Whether a profile says where credentials come from. A profile may have nothing but a region. */
export function hasCredentials({ settings }: SharedProfile): boolean {
  return CREDENTIAL_SETTINGS.some((name) => settings[name] !== undefined);
}
