import { ownEntry } from "../../../errors/own-entry.ts";

type Section = Readonly<Record<string, string | undefined>>;

/** A profile in the shared configuration and credentials files. */
export interface SharedProfile {
  readonly name: string;
  /** Whether either file has the profile. */
  readonly exists: boolean;
  /** The settings in both files. Nested settings have a dot: `s3.addressing_style`. */
  readonly settings: Section;
  /** Reads another section of the configuration file: `services.NAME`. */
  section(name: string): Section | undefined;
  /** The profile with the credentials: this one, or the end of the chain of `source_profile`. */
  readonly origin: { readonly name: string; readonly settings: Section };
  /** The paths of the files, as part of a sentence. */
  readonly files: string;
  /** The names of all profiles. */
  readonly others: readonly string[];
}

/**
 * Reads a profile with the parser of the SDK. The files are read again, because the SDK caches them until the process ends: corrections
 * would have no effect while Node-RED runs.
 *
 * @param profile - default: the variable `AWS_PROFILE`, else `default`
 */
export async function readSharedProfile(profile?: string): Promise<SharedProfile> {
  const { getHomeDir, getProfileName, loadSharedConfigFiles } = await import("../../../sdk/config.ts");
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
  const name = getProfileName({ profile });
  // The credentials file has precedence, as in the AWS CLI.
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

/** Ends at a cycle, which the SDK refuses. */
function followSources(first: string, settingsOf: (name: string) => Section): SharedProfile["origin"] {
  let name = first;
  for (const seen = new Set<string>(); !seen.has(name); ) {
    seen.add(name);
    name = settingsOf(name).source_profile ?? name;
  }
  return { name, settings: settingsOf(name) };
}

/** How the sections of a profile are written, which differs between the files; in parentheses, with a space in front. */
export function describeSections(name: string): string {
  return name === "default" ? "" : ` (sections [profile ${name}] and [${name}])`;
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

/** Whether a profile has a source of credentials. It may have only a region. */
export function hasCredentials({ settings }: SharedProfile): boolean {
  return CREDENTIAL_SETTINGS.some((name) => settings[name] !== undefined);
}
