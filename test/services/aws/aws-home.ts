import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { useOwnEnvironment } from "../../support/environment.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const OF_AWS = /^(?:AWS_|HTTPS?_PROXY$|ALL_PROXY$|NO_PROXY$)/i;

/** The environment of AWS that a test gives to this process: a home folder with its own files, no other variables. */
export interface AwsHome {
  readonly folder: string;
  /** Writes `~/.aws/config` and `~/.aws/credentials`. */
  write(files: { readonly config?: string; readonly credentials?: string }): void;
  set(variables: Readonly<Record<string, string>>): void;
}

/** Gives each test of a suite an {@link AwsHome}, and restores the environment after it. */
export function useAwsHome(): AwsHome {
  let folder = "";
  useOwnEnvironment(OF_AWS);
  beforeEach(() => {
    folder = temporaryFolder();
    Object.assign(process.env, {
      HOME: folder,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_CONFIG_FILE: join(folder, "config"),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, "credentials"),
    });
  });
  return {
    get folder() {
      return folder;
    },
    write: ({ config, credentials }) => {
      if (config !== undefined) {
        writeFileSync(join(folder, "config"), config);
      }
      if (credentials !== undefined) {
        writeFileSync(join(folder, "credentials"), credentials);
      }
    },
    set: (variables) => {
      Object.assign(process.env, variables);
    },
  };
}
