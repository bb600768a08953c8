import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { instanceMark } from "./processes.ts";
import { SHIMMED_PROGRAMS, STUDIO_HOME, shellWord, writeShims, writeStudioShim } from "./shims.ts";
import { writeTokenFile } from "./token-file.ts";

/** The values in the ready-made script's docker command. */
export interface WorkerIdentity {
  readonly token: string;
  /** The id of a registered worker, 24 hexadecimal digits. */
  readonly workerId: string;
}

/** Writes the shims and `home/ubuntu/run.sh` to an instance's disk; a script of the user is not replaced. */
export function prepareDisk(folder: string, worker: WorkerIdentity): void {
  writeShims(folder);
  writeStudioShim(folder);
  writeTokenFile(folder, worker.token);
  const home = join(folder, "home", "ubuntu");
  mkdirSync(home, { recursive: true });
  const script = join(home, "run.sh");
  if (!existsSync(script) || isReadyMade(readFileSync(script, "utf8"))) {
    writeFileSync(script, runScript(worker));
    chmodSync(script, 0o700);
  }
}

/** The script as in Lightly's documentation. */
function runScript({ token, workerId }: WorkerIdentity): string {
  return `docker run --shm-size="1024m" --gpus all --rm -i \\
    -e LIGHTLY_TOKEN=${token} \\
    lightly/worker:latest \\
    worker.worker_id=${workerId}
`;
}

/** Whether {@link runScript} wrote a script, possibly for another worker. */
function isReadyMade(script: string): boolean {
  const token = /LIGHTLY_TOKEN=(\S+)/.exec(script)?.[1] ?? "";
  const workerId = /worker_id=(\S+)/.exec(script)?.[1] ?? "";
  return script === runScript({ token, workerId });
}

/**
 * Adapts a script for the real machine to the instance's folder: `/home/ubuntu` and the Python of LightlyStudio become the folder's own, and a program
 * with a shim is found by name even when the script has its path, since no `chroot` prevents
 * `/sbin/shutdown` from being the computer's.
 */
export function relocate(text: string, folder: string): string {
  const programs = SHIMMED_PROGRAMS.join("|");
  return text
    .replace(/(?<![\w./-])\/home\/ubuntu(?=\/|$|[\s'"`;&|)<>])/gm, `${folder}/home/ubuntu`)
    .replaceAll(`'${STUDIO_HOME}/bin/`, `'${folder}${STUDIO_HOME}/bin/`)
    .replace(new RegExp(`(?<![\\w./-])/(?:usr/)?(?:local/)?s?bin/(${programs})(?![\\w./-])`, "g"), "$1");
}

/**
 * A path to the folder that needs no quoting in a shell: the folder itself, or a link to it from the temporary folder.
 * A script is quoted for `/home/ubuntu`, so the replacement must not need other quoting.
 */
export function safeFolder(folder: string): string {
  if (shellWord(folder) === folder) {
    return folder;
  }
  const link = linkTo(folder);
  if (shellWord(link) !== link) {
    throw new Error(
      `Neither ${folder} nor ${tmpdir()} can be used in a shell script without quotes; choose another state folder.`,
    );
  }
  try {
    symlinkSync(folder, link);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST" || readlinkSync(link) !== folder) {
      throw error;
    }
  }
  return link;
}

/** Removes the link of {@link safeFolder}, if there is one. */
export function forgetSafeFolder(folder: string): void {
  if (shellWord(folder) !== folder) {
    rmSync(linkTo(folder), { force: true });
  }
}

function linkTo(folder: string): string {
  return join(tmpdir(), `lightly-sandbox-${instanceMark(folder)}`);
}
